/** A resource identifier (RFC 8707 section 2) taken apart, so that every spelling of it is one. */
export interface ResourceUri {
  /** The one spelling by which it is compared. */
  readonly uri: string
  /** Whose it can be: scheme, host and port; for a URI without a host it is the URI itself. */
  readonly origin: string
  /** The segments of the path. */
  readonly path: readonly string[]
}

const SCHEME_AND_AUTHORITY = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?]*))?/
/** Parsers drop some of these and turn others into slashes: what is compared would not be what was written. */
const AMBIGUOUS = /[\s\p{Cc}\\#]/u

/**
 * Reads a resource identifier. Case of scheme and host, default port, dot segments, percent-encoding, a dot after the host
 * and slashes at the end or in a row do not make another one; nor does the way in which a Unicode host is written.
 * @returns undefined for what is no absolute URI, has a fragment, or names a user
 */
export function parseResourceUri(text: string): ResourceUri | undefined {
  const [, scheme, authority] = SCHEME_AND_AUTHORITY.exec(text) ?? []
  if (scheme === undefined || AMBIGUOUS.test(text) || authority?.includes('@')) return undefined
  const url = URL.parse(text)
  if (!url || url.username || url.password) return undefined
  const host = url.host.toLowerCase().replace(/\.(?=:|$)/, '')
  if (host === '') return opaqueUri(url)
  const path = url.pathname.split('/').filter(Boolean).map(canonicalSegment)
  if (!path.every(segment => segment !== undefined)) return undefined
  const origin = `${url.protocol}//${host}`
  return { uri: [origin, ...path].join('/') + url.search, origin, path }
}

/** Whether one is at, below or above the other on the same origin. */
export function overlaps(one: ResourceUri, other: ResourceUri): boolean {
  return isAtOrBelow(one, other) || isAtOrBelow(other, one)
}

/** Whether one is the other, or lies below it. */
export function isAtOrBelow(one: ResourceUri, other: ResourceUri): boolean {
  return one.origin === other.origin && other.path.every((segment, index) => one.path[index] === segment)
}

/** Such as a URN, whose namespace is known in any case (RFC 8141 section 3.1). */
function opaqueUri({ protocol, pathname, search }: URL): ResourceUri | undefined {
  if (pathname === '' || pathname.startsWith('/')) return undefined
  const named = protocol === 'urn:' ? pathname.replace(/^[^:]*/, name => name.toLowerCase()) : pathname
  const uri = protocol + named + search
  return { uri, origin: uri, path: [] }
}

function canonicalSegment(segment: string): string | undefined {
  try {
    return encodeURIComponent(decodeURIComponent(segment))
  } catch {
    return undefined
  }
}
