import { keptText } from '../http/validate.ts'

/** RFC 6749 section 3.3: printable ASCII without space, quote and backslash. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

export const scopeToken = keptText(100).regex(
  SCOPE_TOKEN,
  'must be a scope token: printable ASCII without space, quote or backslash, such as read:data',
)

/** Scopes of this server's own API: granted by an API key of the project, an ADMIN or an OWNER, and by no pass. */
export function isOwnScope(scope: string): boolean {
  return scope.startsWith('passes:') || scope.startsWith('activity:')
}
