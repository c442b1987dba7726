import { createServer, type IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import { text } from 'node:stream/consumers'
import OAuth2Server from '@node-oauth/oauth2-server'

/** The smallest server of `@node-oauth/oauth2-server`: one client, tokens in memory, nothing recorded. */
const [port, clientId, clientSecret] = process.argv.slice(2)
if (!port || !clientId || !clientSecret)
  throw new Error('usage: oauth2-server.ts PORT CLIENT_ID CLIENT_SECRET')

/** As many as oidc-provider keeps in memory. */
const TOKENS_KEPT = 1000
const client: OAuth2Server.Client = { id: clientId, grants: ['client_credentials'] }
const tokens = new Map<string, OAuth2Server.Token>()
const server = new OAuth2Server({
  model: {
    getClient: async (id: string, secret: string) => id === clientId && secret === clientSecret && client,
    getUserFromClient: async () => ({ id: clientId }),
    validateScope: async (_user: OAuth2Server.User, _client: OAuth2Server.Client, scope?: string[]) => scope,
    saveToken: async (made: OAuth2Server.Token, of: OAuth2Server.Client, user: OAuth2Server.User) => {
      const token = { ...made, client: of, user }
      tokens.set(token.accessToken, token)
      for (const oldest of tokens.keys()) {
        if (tokens.size <= TOKENS_KEPT) break
        tokens.delete(oldest)
      }
      return token
    },
    getAccessToken: async (value: string) => tokens.get(value),
  },
})

createServer(async (incoming, outgoing) => {
  const response = new OAuth2Server.Response()
  await server.token(await requestOf(incoming), response).catch(() => {
    // The library has put the error into its answer.
  })
  const body = JSON.stringify(response.body)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  outgoing.writeHead(response.status ?? 500, { ...response.headers, ...headers })
  outgoing.end(body)
}).listen(Number(port), '127.0.0.1')

async function requestOf(incoming: IncomingMessage): Promise<OAuth2Server.Request> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === 'string') headers[name] = value
  const body = parse(await text(incoming))
  return new OAuth2Server.Request({ method: incoming.method ?? '', query: {}, headers, body })
}
