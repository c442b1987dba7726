import type { LookupAddress } from 'node:dns'
import { lookup as systemLookup } from 'node:dns/promises'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import { parseResourceUri } from './resource-uri.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const TIMEOUT_MS = 5_000
const LONGEST_BYTES = 64 * 1024

const metadata = z.looseObject({
  resource: z.string(),
  authorization_servers: z.array(z.string()).default([]),
  /** Not of the RFC: a resource that says whose it is here is nobody else's. */
  sentinel_pass_project_id: z.string().optional(),
})

/** All addresses of a host. */
export type LookUp = (host: string) => Promise<LookupAddress[]>

/** Why metadata could not be read, for who is to put it right. */
class Unreadable extends Error {}

/**
 * Reads the metadata of protected resources (RFC 9728): https only, no redirect, bounded in time and size, and from no
 * private address. What is judged is the address that is connected to: a name that answers differently the next time
 * (DNS rebinding) is not asked again.
 */
export class MetadataReader {
  readonly #issuer: string
  readonly #privateAddresses: boolean
  readonly #lookUp: LookUp

  /** @param privateAddresses whether addresses of private networks may be read from as well */
  constructor(
    issuer: string,
    privateAddresses: boolean,
    lookUp: LookUp = host => systemLookup(host, { all: true }),
  ) {
    this.#issuer = issuer
    this.#privateAddresses = privateAddresses
    this.#lookUp = lookUp
  }

  /** @throws Problem `resource_not_verified` unless the metadata of the resource names this server as its issuer */
  async assertNamesIssuer(resource: string, projectId: string): Promise<void> {
    const where = metadataUrl(resource)
    const read = where
      ? await this.#read(where).catch(asUnreadable)
      : new Unreadable('only https can be verified')
    const fault = read instanceof Unreadable ? read.message : this.#faultOf(read, resource, projectId)
    if (fault === undefined) return
    const place = where ? ` at ${where.href}` : ''
    throw new Problem(
      'resource_not_verified',
      `The metadata of the resource (RFC 9728)${place} does not show that it is yours: ${fault}.`,
    )
  }

  #faultOf(found: z.output<typeof metadata>, resource: string, projectId: string): string | undefined {
    if (parseResourceUri(found.resource)?.uri !== parseResourceUri(resource)?.uri)
      return '“resource” in it is another one'
    if (!found.authorization_servers.map(withoutSlash).includes(withoutSlash(this.#issuer)))
      return `“authorization_servers” in it does not have ${this.#issuer}`
    if ((found.sentinel_pass_project_id ?? projectId) !== projectId)
      return '“sentinel_pass_project_id” in it is another project'
    return undefined
  }

  async #read(url: URL): Promise<z.output<typeof metadata>> {
    const body = await this.#fetch(url)
    try {
      return metadata.parse(JSON.parse(body))
    } catch {
      throw new Unreadable('it is no JSON object with “resource” and “authorization_servers”')
    }
  }

  #fetch(url: URL): Promise<string> {
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    // A host that is an address is not looked up.
    if (ipaddr.isValid(literal)) this.#assertReachable(literal)
    const lookup: LookupFunction = (host, options, answer) => {
      this.#lookUp(host).then(
        addresses => {
          try {
            for (const { address } of addresses) this.#assertReachable(address)
          } catch (error) {
            return answer(asError(error), [])
          }
          if (options.all) return answer(null, addresses)
          return answer(null, addresses[0]?.address ?? '', addresses[0]?.family)
        },
        (error: unknown) => answer(asError(error), []),
      )
    }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    return new Promise((resolve, reject) => {
      const headers = { accept: 'application/json', 'accept-encoding': 'identity' }
      // No agent: no connection of before, which was judged for another host, is used again.
      const sent = request(url, { agent: false, headers, lookup, signal }, response => {
        if (response.statusCode !== 200) {
          response.destroy()
          return reject(
            new Unreadable(
              `it answers ${response.statusCode}, where 200 is expected and no redirect followed`,
            ),
          )
        }
        const parts: Buffer[] = []
        let length = 0
        response.on('data', (part: Buffer) => {
          length += part.length
          if (length > LONGEST_BYTES) sent.destroy(new Unreadable('it is longer than 64 KiB'))
          else parts.push(part)
        })
        response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
        response.on('error', reject)
      })
      sent.on('error', error =>
        reject(signal.aborted ? new Unreadable('it does not answer within 5 seconds') : error),
      )
      sent.end()
    })
  }

  #assertReachable(address: string): void {
    if (this.#privateAddresses || isPublic(address)) return
    throw new Unreadable('its host has an address that is not public')
  }
}

/** Whether an address is of the public internet, an IPv4 one within IPv6 included. */
export function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'
}

/** Where the metadata of a resource is (RFC 9728 section 3.1); undefined where that is not https. */
function metadataUrl(resource: string): URL | undefined {
  const url = URL.parse(resource)
  if (url?.protocol !== 'https:') return undefined
  url.pathname = WELL_KNOWN + url.pathname.replace(/\/+$/, '')
  return url
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function asUnreadable(error: unknown): Unreadable {
  if (error instanceof Unreadable) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return new Unreadable(`it cannot be read (${code ?? 'unknown fault'})`)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
