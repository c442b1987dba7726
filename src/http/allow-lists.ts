import ipaddr from 'ipaddr.js'

const MAPPED_PREFIX_BITS = 96

/** Whether an address is among the allowed ones and ranges; an empty list allows all. */
export function isAddressAllowed(allowed: readonly string[], address: string): boolean {
  if (allowed.length === 0) return true
  if (!ipaddr.isValid(address)) return false
  const actual = ipaddr.process(address)
  return allowed.some(entry => {
    const [network, length] = parseRange(entry)
    return network.kind() === actual.kind() && actual.match(network, length)
  })
}

/** The one spelling of an address: that by which addresses are stored and compared. */
export function normalAddress(address: string): string {
  return ipaddr.process(address).toString()
}

/** A range, or an address as the range of itself; one that is written as IPv4 mapped to IPv6 is IPv4. */
function parseRange(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [network, length] = ipaddr.parseCIDR(
    entry.includes('/') ? entry : `${entry}/${entry.includes(':') ? 128 : 32}`,
  )
  const mapped = 'toIPv4Address' in network && network.isIPv4MappedAddress() && length >= MAPPED_PREFIX_BITS
  return mapped ? [network.toIPv4Address(), length - MAPPED_PREFIX_BITS] : [network, length]
}

/** Whether `Referer` or `Origin` matches one of the patterns; an empty list allows all. */
export function isRefererAllowed(
  patterns: readonly string[],
  headers: { readonly referer: string; readonly origin: string },
): boolean {
  if (patterns.length === 0) return true
  // A pattern for a whole site, with or without a path, also matches the bare origin that browsers send.
  const values = [headers.referer, headers.origin, headers.origin && `${headers.origin}/`].filter(Boolean)
  return patterns.some(pattern => values.some(value => matchesAddress(pattern, value)))
}

/**
 * Matches scheme, host and the rest each by itself, so that no `*` reaches from one into another: what stands for the host
 * cannot be found in somebody else's path, query or user name. A pattern without a scheme is for any; `*` alone for anything.
 */
function matchesAddress(pattern: string, value: string): boolean {
  if (pattern === '*') return true
  const wanted = partsOf(pattern)
  const actual = partsOf(value)
  return (
    (wanted.scheme === '' || matchesPattern(wanted.scheme, actual.scheme)) &&
    matchesPattern(wanted.host, actual.host) &&
    matchesPattern(wanted.rest, actual.rest)
  )
}

function partsOf(address: string): { scheme: string; host: string; rest: string } {
  // Browsers take `\` for `/`; a host ends at either, at a query and at a fragment.
  const [, scheme = '', authority = '', rest = ''] =
    /^([^:/?#\\]*:\/\/)?([^/?#\\]*)(.*)$/s.exec(address) ?? []
  return {
    scheme: scheme.toLowerCase(),
    host: authority.slice(authority.lastIndexOf('@') + 1).toLowerCase(),
    rest,
  }
}

/** Matches `*` against any characters, in time linear in the value for each `*`. */
function matchesPattern(pattern: string, value: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return value === first
  if (!value.startsWith(first)) return false
  let position = first.length
  for (const part of rest) {
    const found = value.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return value.length - last.length >= position && value.endsWith(last)
}
