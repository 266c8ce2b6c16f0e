// Not compiled here: no Bicep tool could be run where this was written. Run `az bicep build` and `what-if` before use.
// Concierge on Azure: Container Apps, PostgreSQL, Event Hubs, Azure OpenAI, Key Vault, all by private endpoints.
//   az deployment group create --resource-group concierge --template-file main.bicep --parameters @concierge.bicepparam
// docs/operations.md says what to prepare and in which order.
targetScope = 'resourceGroup'

@description('Of every name; lower-case letters and digits.')
@minLength(3)
@maxLength(12)
param name string = 'concierge'
@description('Near operations.')
param location string = resourceGroup().location
@description('The image by digest: registry.azurecr.io/concierge@sha256:...')
param image string
@description('The container registry in this resource group that holds it.')
param registryName string

@description('Address space of the network: 10.40.0.0/20 gives the subnets below.')
param addressPrefix string = '10.40.0.0/20'
@description('The hub network with the ExpressRoute gateway; empty: no way to systems on the premises.')
param hubNetworkId string = ''
@description('DNS servers that know the names of those systems; empty: those of Azure.')
param dnsServers array = []
@description('Networks of the gateways whose X-Forwarded-For is believed.')
param trustedProxies string = '10.40.0.0/23'

@description('Okta for customers, Entra ID for staff.')
param okta { issuer: string, audience: string, clientId: string }
param entra { tenant: string, audience: string, clientId: string }
@description('Base URLs of the services, on the premises or in the cloud; all seven.')
param services {
  booking: string
  profile: string
  consent: string
  notification: string
  case: string
  compensation: string
  payment: string
}
@description('How this client gets its token for them.')
param servicesToken { url: string, clientId: string, scope: string }
@secure()
param servicesClientSecret string
@secure()
@description('openssl rand -hex 24')
param databasePassword string
@secure()
@description('openssl rand -hex 32')
param identityKey string
@secure()
@description('openssl rand -hex 32; to replace it: the new key, a space, the old one.')
param auditKey string

@description('Where customers reach the chat, and whose pages may hold it in a frame.')
param publicUrl string
param embedOrigins string = ''
param minReplicas int = 2
param maxReplicas int = 12

var secrets = {
  'services-client-secret': servicesClientSecret
  'identity-key': identityKey
  'audit-key': auditKey
}

module identity 'identity.bicep' = {
  name: 'identity'
  params: { name: name, location: location, registryName: registryName }
}

module network 'network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
    addressPrefix: addressPrefix
    hubNetworkId: hubNetworkId
    dnsServers: dnsServers
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: { name: name, location: location }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: name
    location: location
    principalId: identity.outputs.principalId
    secrets: secrets
    databaseUrl: database.outputs.url
    workspaceId: monitoring.outputs.workspaceId
  }
}

module database 'database.bicep' = {
  name: 'database'
  params: {
    name: name
    location: location
    password: databasePassword
    workspaceId: monitoring.outputs.workspaceId
  }
}

module hub 'events.bicep' = {
  name: 'events'
  params: {
    name: name
    location: location
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module models 'models.bicep' = {
  name: 'models'
  params: {
    name: name
    location: location
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

var endpoints = [
  { name: 'vault', id: vault.outputs.id, group: 'vault', zone: 'privatelink.vaultcore.azure.net' }
  { name: 'database', id: database.outputs.id, group: 'postgresqlServer', zone: 'privatelink.postgres.database.azure.com' }
  { name: 'events', id: hub.outputs.id, group: 'namespace', zone: 'privatelink.servicebus.windows.net' }
  { name: 'models', id: models.outputs.id, group: 'account', zone: 'privatelink.openai.azure.com' }
]

module endpoint 'endpoint.bicep' = [
  for one in endpoints: {
    name: 'endpoint-${one.name}'
    params: {
      name: '${name}-${one.name}'
      location: location
      targetId: one.id
      group: one.group
      zone: one.zone
      networkId: network.outputs.id
      subnetId: network.outputs.endpointsSubnetId
    }
  }
]

module app 'app.bicep' = {
  name: 'app'
  dependsOn: [ endpoint ]
  params: {
    name: name
    location: location
    image: image
    registryServer: identity.outputs.registryServer
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    subnetId: network.outputs.appsSubnetId
    workspaceName: monitoring.outputs.workspaceName
    insightsConnection: monitoring.outputs.connection
    vaultUri: vault.outputs.uri
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    settings: {
      CONCIERGE_MODEL: 'azure:${models.outputs.first}'
      CONCIERGE_SECOND_MODEL: 'azure:${models.outputs.second}'
      AZURE_OPENAI_ENDPOINT: models.outputs.endpoint
      CONCIERGE_EVENTHUB_NAMESPACE: hub.outputs.host
      CONCIERGE_EVENTHUB_NAME: hub.outputs.hub
      CONCIERGE_EVENTHUB_GROUP: hub.outputs.group
      CONCIERGE_OKTA_ISSUER: okta.issuer
      CONCIERGE_OKTA_AUDIENCE: okta.audience
      CONCIERGE_OKTA_CLIENT_ID: okta.clientId
      CONCIERGE_ENTRA_TENANT: entra.tenant
      CONCIERGE_ENTRA_AUDIENCE: entra.audience
      CONCIERGE_ENTRA_CLIENT_ID: entra.clientId
      CONCIERGE_BOOKING_URL: services.booking
      CONCIERGE_PROFILE_URL: services.profile
      CONCIERGE_CONSENT_URL: services.consent
      CONCIERGE_NOTIFICATION_URL: services.notification
      CONCIERGE_CASE_URL: services.case
      CONCIERGE_COMPENSATION_URL: services.compensation
      CONCIERGE_PAYMENT_URL: services.payment
      CONCIERGE_SERVICES_TOKEN_URL: servicesToken.url
      CONCIERGE_SERVICES_CLIENT_ID: servicesToken.clientId
      CONCIERGE_SERVICES_SCOPE: servicesToken.scope
      CONCIERGE_PUBLIC_URL: publicUrl
      CONCIERGE_EMBED_ORIGINS: embedOrigins
      CONCIERGE_TRUSTED_PROXIES: trustedProxies
    }
  }
}

output address string = app.outputs.address
