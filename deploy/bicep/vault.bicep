// Not compiled here: no Bicep tool could be run where this was written. Run `az bicep build` and `what-if` before use.
// Every secret. The app reads them by its identity; nobody else reaches the vault but by its private endpoint.
param name string
param location string
param principalId string
@secure()
param secrets object
@secure()
param databaseUrl string
param workspaceId string

var readSecrets = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
  }
}

resource kept 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = [
  for one in items(secrets): {
    parent: vault
    name: one.key
    properties: { value: one.value }
  }
]

resource url 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'database-url'
  properties: { value: databaseUrl }
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, readSecrets)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', readSecrets)
  }
}

resource told 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: vault
  properties: { workspaceId: workspaceId, logs: [ { categoryGroup: 'audit', enabled: true } ] }
}

output id string = vault.id
output uri string = vault.properties.vaultUri
