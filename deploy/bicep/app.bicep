// Not compiled here: no Bicep tool could be run where this was written. Run `az bicep build` and `what-if` before use.
// The container app: replicas by requests and CPU, secrets by reference, telemetry by a collector beside it.
// Container Apps cannot make a root file system read-only; the image writes to the two volumes only.
param name string
param location string
param image string
param registryServer string
param identityId string
param identityClientId string
param subnetId string
param workspaceName string
@secure()
param insightsConnection string
param vaultUri string
param settings object
param minReplicas int
param maxReplicas int
@description('By digest where images are promoted.')
param collectorImage string = 'otel/opentelemetry-collector-contrib:0.140.1'

var secretNames = [ 'database-url', 'identity-key', 'audit-key', 'services-client-secret' ]
var secretSettings = {
  CONCIERGE_DATABASE_URL: 'database-url'
  CONCIERGE_IDENTITY_KEY: 'identity-key'
  CONCIERGE_AUDIT_KEY: 'audit-key'
  CONCIERGE_SERVICES_CLIENT_SECRET: 'services-client-secret'
}
var fixedSettings = {
  AZURE_CLIENT_ID: identityClientId
  CONCIERGE_OTLP_ENDPOINT: 'http://127.0.0.1:4318'
  PGSSLMODE: 'verify-full'
  PGSSLROOTCERT: '/etc/ssl/certs/ca-certificates.crt'
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    zoneRedundant: true
    vnetConfiguration: { infrastructureSubnetId: subnetId, internal: true }
    workloadProfiles: [ { name: 'Consumption', workloadProfileType: 'Consumption' } ]
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
  }
}

resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: name
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: 8000, transport: 'auto', allowInsecure: false }
      registries: [ { server: registryServer, identity: identityId } ]
      secrets: concat(
        map(secretNames, one => { name: one, keyVaultUrl: '${vaultUri}secrets/${one}', identity: identityId }),
        [
          { name: 'insights-connection', value: insightsConnection }
          { name: 'collector', value: loadTextContent('../collector.yaml') }
        ]
      )
    }
    template: {
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'concierge'
          image: image
          args: [ 'serve', '--workers', '2' ]
          resources: { cpu: json('2.0'), memory: '4Gi' }
          env: concat(
            map(items(union(fixedSettings, settings)), one => { name: one.key, value: one.value }),
            map(items(secretSettings), one => { name: one.key, secretRef: one.value })
          )
          probes: [
            { type: 'Startup', httpGet: { path: '/readyz', port: 8000 }, periodSeconds: 5, failureThreshold: 60 }
            { type: 'Liveness', httpGet: { path: '/healthz', port: 8000 }, periodSeconds: 15, failureThreshold: 4 }
            { type: 'Readiness', httpGet: { path: '/readyz', port: 8000 }, periodSeconds: 10, failureThreshold: 2 }
          ]
          volumeMounts: [
            { volumeName: 'home', mountPath: '/var/lib/concierge' }
            { volumeName: 'scratch', mountPath: '/tmp' }
          ]
        }
        {
          name: 'collector'
          image: collectorImage
          args: [ '--config=env:COLLECTOR' ]
          resources: { cpu: json('0.25'), memory: '0.5Gi' }
          env: [
            { name: 'COLLECTOR', secretRef: 'collector' }
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', secretRef: 'insights-connection' }
          ]
        }
      ]
      volumes: [
        { name: 'home', storageType: 'EmptyDir' }
        { name: 'scratch', storageType: 'EmptyDir' }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          { name: 'requests', http: { metadata: { concurrentRequests: '40' } } }
          { name: 'cpu', custom: { type: 'cpu', metadata: { type: 'Utilization', value: '65' } } }
        ]
      }
    }
  }
}

output address string = 'https://${app.properties.configuration.ingress.fqdn}'
