import { parseResourceUri } from '../resource-servers/resource-uri.ts'

/** The library's answer to a grant with the token that was granted in the place of its own. */
export function withAccessToken(answer: unknown, accessToken: string): object {
  return { ...Object(answer), access_token: accessToken }
}

/** A form that is handed to the library. */
export interface LibraryForm {
  readonly readable: Buffer
  /** The token that was shown, where the form has another in its place. */
  readonly shownToken?: string
}

/**
 * The form as the library takes it. It refuses to introspect or revoke a JWT; here these are kept like opaque tokens,
 * so it is given the value in another form of the same length, and the value that was shown is what is looked up.
 * @param token the form's, parsed
 */
export function readableByLibrary(body: Buffer, token: string | undefined): LibraryForm {
  if (token === undefined || !isCompactJws(token)) return { readable: body }
  const opaque = body
    .toString('latin1')
    .split('&')
    .map(pair => (pair.startsWith('token=') ? pair.replaceAll('.', '_').replaceAll(/%2e/gi, '%5F') : pair))
    .join('&')
  return { readable: Buffer.from(opaque, 'latin1'), shownToken: token }
}

function isCompactJws(value: string): boolean {
  return /^[\w-]+\.[\w-]*\.[\w-]*$/.test(value)
}

/** Whether an introspection's answer says that the token is good. */
export function isActiveAnswer(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'active' in body && body.active === true
}

/** The `token` of a form; undefined when there is none, or more than one. */
export function requiredToken(form: URLSearchParams): string | undefined {
  const values = form.getAll('token')
  return values.length === 1 && values[0] !== '' ? values[0] : undefined
}

/**
 * The form of a token request with `audience` as what it is another name of, `resource` (RFC 8707). Both may be sent where
 * they say the same; what says something else is one more resource, which the library refuses.
 */
export function withAudienceAsResource(body: Buffer): Buffer {
  const form = new URLSearchParams(body.toString('utf8'))
  const audiences = form.getAll('audience').filter(Boolean)
  if (!form.has('audience')) return body
  form.delete('audience')
  const known = new Set(form.getAll('resource').map(uriOf))
  for (const audience of audiences) {
    if (known.has(uriOf(audience))) continue
    known.add(uriOf(audience))
    form.append('resource', audience)
  }
  return Buffer.from(form.toString(), 'latin1')
}

function uriOf(resource: string): string {
  return parseResourceUri(resource)?.uri ?? resource
}
