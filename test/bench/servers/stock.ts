import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import Provider, { type JWK } from 'oidc-provider'
import { RESOURCES } from '../scenarios.ts'

/**
 * The yardstick: oidc-provider as it comes, everything in memory, one static client, nothing recorded. Introspection is
 * turned on, and tokens for the resources of the benchmark are signed; neither costs a grant of another kind anything.
 */
const [port, clientId, clientSecret] = process.argv.slice(2)
if (!port || !clientId || !clientSecret) throw new Error('usage: stock.ts PORT CLIENT_ID CLIENT_SECRET')

const keys: readonly [alg: string, key: KeyObject][] = [
  ['EdDSA', generateKeyPairSync('ed25519').privateKey],
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
]
const algorithms = ['EdDSA', 'ES256', 'RS256'] as const

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
  jwks: { keys: keys.map(([alg, key]): JWK => ({ ...key.export({ format: 'jwk' }), alg, use: 'sig' })) },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource) => {
        const alg = algorithms.find(one => RESOURCES[one] === resource)
        if (!alg) throw new Error(`${resource} is no resource of the benchmark`)
        return { scope: 'read write', accessTokenFormat: 'jwt', jwt: { sign: { alg } } }
      },
    },
  },
})
provider.listen(Number(port), '127.0.0.1')
