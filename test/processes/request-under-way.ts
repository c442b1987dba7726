import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import type { ServerProcess } from '../support/process.ts'
import type { TestCredentials } from '../support/server.ts'

/** The body that a token request under way has yet to send. */
export const FORM = 'grant_type=client_credentials'

/** A token request whose headers the server has taken, and whose body it waits for. */
export async function requestUnderWay(
  server: ServerProcess,
  credentials: TestCredentials,
): Promise<ClientRequest> {
  const { clientId, clientSecret } = credentials
  const sent = request(`${server.url}/v1/api/oauth/token`, {
    method: 'POST',
    auth: `${clientId}:${clientSecret}`,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': FORM.length,
      Expect: '100-continue',
    },
  })
  sent.flushHeaders()
  await once(sent, 'continue')
  return sent
}
