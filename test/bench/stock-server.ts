import Provider from 'oidc-provider'

/** The yardstick: oidc-provider as it comes, everything in memory, one static client, nothing recorded. */
const [port, clientId, clientSecret] = process.argv.slice(2)
if (!port || !clientId || !clientSecret)
  throw new Error('usage: stock-server.ts PORT CLIENT_ID CLIENT_SECRET')

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  scopes: ['read', 'write'],
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
})
provider.listen(Number(port), '127.0.0.1')
