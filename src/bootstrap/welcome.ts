import type { Config } from '../platform/config.ts'
import type { FirstStart, Made } from './bootstrap.ts'
import type { FirstOwner } from './first-owner.ts'
import type { FirstIds } from './first-start.store.ts'

/** What a start tells of what it made; empty where it made nothing. */
export function tellMade({ first, owner }: Made, config: Config): string {
  if (first) return welcome(first, config)
  if (!owner) return ''
  return `\n  There was no account yet. The first one owns every organization:\n\n${tellOwner(owner)}\n\n`
}

/** What there is, where a run of the command has made nothing. */
export function tellIds(ids: FirstIds): string {
  const line = (name: string, value: string | null) => `    ${name.padEnd(12)}  ${value ?? '(deleted)'}`
  const lines = [
    line('organization', ids.organizationId),
    line('project', ids.projectId),
    line('API key', ids.apiKeyId),
    line('owner', ids.ownerEmail),
  ]
  return `There is an organization already; nothing was made.\n\n${lines.join('\n')}\n`
}

function tellOwner({ email, password }: FirstOwner): string {
  const shown = password ?? '(the one given as ADMIN_PASSWORD)'
  return `    email     ${email}\n    password  ${shown}`
}

/** What the first start prints, once: the key, and three lines that try the server. Pasted as they are, in this order. */
export function welcome(first: FirstStart, config: Config): string {
  const { apiBaseUrl, publicUrl } = config
  const passes = `${apiBaseUrl}/organizations/${first.organizationId}/projects/${first.projectId}/sentinel_passes`
  const member = (name: string) => `$(printf %s "$PASS" | sed 's/.*"${name}":"\\([^"]*\\)".*/\\1/')`
  const key = first.apiKeyGiven ? '$BOOTSTRAP_API_KEY' : first.apiKey
  return `
  The first start made the organization "Default" with the project "Default".
  Its API key is shown this once; keep it:

    ${first.apiKeyGiven ? '(the one given as BOOTSTRAP_API_KEY)' : first.apiKey}

  The console is at ${publicUrl}/console. The owner signs in with

${tellOwner(first.owner)}

  Try it: create a pass, fetch a token with its credentials, introspect the token.

PASS=$(curl -sS '${passes}' -H "Api-Key: ${key}" -H 'Content-Type: application/json' -d '{"sentinelPass":{"title":"My first agent"}}'); echo "$PASS"
TOKEN=$(curl -sS '${apiBaseUrl}/oauth/token' -u "${member('clientId')}:${member('clientSecret')}" -d grant_type=client_credentials | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'); echo "$TOKEN"
curl -sS '${apiBaseUrl}/oauth/introspect' -H "Authorization: Bearer ${key}" -d token="$TOKEN"; echo

`
}
