// Not compiled here: no Bicep tool could be run where this was written. Run `az bicep build` and `what-if` before use.
// Two deployments: when the first is throttled, slow or down, the second answers; after it the embedded model.
param name string
param location string
param principalId string
param workspaceId string
param first object = { model: 'gpt-4.1', version: '2025-04-14', capacity: 100 }
param second object = { model: 'gpt-4.1-mini', version: '2025-04-14', capacity: 200 }

var useModels = '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: '${name}-openai'
  location: location
  kind: 'OpenAI'
  sku: { name: 'S0' }
  properties: {
    customSubDomainName: '${name}-${uniqueString(resourceGroup().id)}'
    disableLocalAuth: true
    publicNetworkAccess: 'Disabled'
  }
}

// One after the other: the account takes one change at a time.
@batchSize(1)
resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2024-10-01' = [
  for one in [ first, second ]: {
    parent: account
    name: one.model
    sku: { name: 'DataZoneStandard', capacity: one.capacity }
    properties: {
      model: { format: 'OpenAI', name: one.model, version: one.version }
      versionUpgradeOption: 'NoAutoUpgrade'
    }
  }
]

resource may 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, useModels)
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', useModels)
  }
}

resource told 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account
  properties: {
    workspaceId: workspaceId
    logs: [ { categoryGroup: 'audit', enabled: true } ]
    metrics: [ { category: 'AllMetrics', enabled: true } ]
  }
}

output id string = account.id
output endpoint string = account.properties.endpoint
output first string = deployment[0].name
output second string = deployment[1].name
