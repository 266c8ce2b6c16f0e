// Not compiled here: no Bicep tool could be run where this was written. Run `az bicep build` and `what-if` before use.
// PostgreSQL in two zones, with 35 days of back-ups that another region has too.
param name string
param location string
@secure()
param password string
param workspaceId string
param sku string = 'Standard_D2ds_v5'
param storageGB int = 128

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  sku: { name: sku, tier: 'GeneralPurpose' }
  properties: {
    version: '16'
    administratorLogin: name
    administratorLoginPassword: password
    storage: { storageSizeGB: storageGB, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 35, geoRedundantBackup: 'Enabled' }
    highAvailability: { mode: 'ZoneRedundant' }
    network: { publicNetworkAccess: 'Disabled' }
    authConfig: { passwordAuth: 'Enabled', activeDirectoryAuth: 'Disabled' }
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'concierge'
  properties: { charset: 'UTF8', collation: 'en_US.utf8' }
}

resource told 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: server
  properties: {
    workspaceId: workspaceId
    logs: [ { category: 'PostgreSQLLogs', enabled: true } ]
    metrics: [ { category: 'AllMetrics', enabled: true } ]
  }
}

output id string = server.id
@secure()
output url string = 'postgresql+asyncpg://${name}:${uriComponent(password)}@${server.properties.fullyQualifiedDomainName}/${database.name}'
