/** The library's answer to a grant with the token that is signed in the place of its own. */
export function withAccessToken(answer: unknown, accessToken: string): object {
  return { ...Object(answer), access_token: accessToken }
}

/**
 * The form as the library takes it. It refuses to introspect or revoke a JWT; here these are kept like opaque tokens,
 * so it is given the value in another form of the same length, and the value that was shown is what is looked up.
 */
export function readableByLibrary(body: Buffer): {
  readonly readable: Buffer
  readonly shownToken: string | undefined
} {
  const form = body.toString('latin1')
  const shownToken = requiredToken(new URLSearchParams(form))
  if (shownToken === undefined || !isCompactJws(shownToken)) return { readable: body, shownToken: undefined }
  const opaque = form
    .split('&')
    .map(pair => (pair.startsWith('token=') ? pair.replaceAll('.', '_').replaceAll(/%2e/gi, '%5F') : pair))
    .join('&')
  return { readable: Buffer.from(opaque, 'latin1'), shownToken }
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
