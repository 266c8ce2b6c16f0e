// Not compiled here: no Bicep tool could be run where this was written. Run `az bicep build` and `what-if` before use.
// Logs of every resource in one workspace; traces, metrics and logs of Concierge in Application Insights over it.
param name string
param location string
param retentionDays int = 90

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: retentionDays }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: workspace.id }
}

output workspaceId string = workspace.id
output workspaceName string = workspace.name
output connection string = insights.properties.ConnectionString
