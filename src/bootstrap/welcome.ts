import type { Config } from '../platform/config.ts'
import type { FirstStart } from './bootstrap.ts'

/** What the first start prints, once: the key, and three lines that try the server. Pasted as they are, in this order. */
export function welcome(first: FirstStart, config: Config): string {
  const { apiBaseUrl } = config
  const passes = `${apiBaseUrl}/organizations/${first.organizationId}/projects/${first.projectId}/sentinel_passes`
  const member = (name: string) => `$(printf %s "$PASS" | sed 's/.*"${name}":"\\([^"]*\\)".*/\\1/')`
  const key = first.apiKeyGiven ? '$BOOTSTRAP_API_KEY' : first.apiKey
  return `
  The first start made the organization "Default" with the project "Default".
  Its API key is shown this once; keep it:

    ${first.apiKeyGiven ? '(the one given as BOOTSTRAP_API_KEY)' : first.apiKey}

  Try it: create a pass, fetch a token with its credentials, introspect the token.

PASS=$(curl -sS '${passes}' -H "Api-Key: ${key}" -H 'Content-Type: application/json' -d '{"sentinelPass":{"title":"My first agent"}}'); echo "$PASS"
TOKEN=$(curl -sS '${apiBaseUrl}/oauth/token' -u "${member('clientId')}:${member('clientSecret')}" -d grant_type=client_credentials | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'); echo "$TOKEN"
curl -sS '${apiBaseUrl}/oauth/introspect' -H "Authorization: Bearer ${key}" -d token="$TOKEN"; echo

`
}
