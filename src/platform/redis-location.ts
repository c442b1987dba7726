import { z } from 'zod'

/** Where Redis is, and what the names of all that this installation keeps there start with. */
export interface RedisLocation {
  /** One server, nodes of one cluster, or the Sentinels that know where a server is. */
  readonly urls: readonly URL[]
  readonly keyPrefix: string
}

const PROTOCOLS = ['redis:', 'rediss:']
const SENTINEL_PROTOCOLS = ['redis+sentinel:', 'rediss+sentinel:']
/** `/service`, or `/service/database`. */
const SERVICE_PATH = /^\/([\w.-]+)(?:\/(\d+))?$/

/** What Sentinels are asked for: the name of the service, and the number of the database in it. */
export interface SentinelService {
  readonly name: string
  readonly database: number
}

/** What the addresses of Sentinels name; undefined for those of servers. */
export function sentinelServiceOf([url]: readonly URL[]): SentinelService | undefined {
  if (!url || !SENTINEL_PROTOCOLS.includes(url.protocol)) return undefined
  const [, name = '', database = '0'] = SERVICE_PATH.exec(url.pathname) ?? []
  return { name, database: Number(database) }
}

/**
 * One `redis://` or `rediss://` URL, or the nodes of a cluster separated by commas, or Sentinels: `redis+sentinel://…/service`.
 * No fault repeats the value.
 */
export const redisUrls = z.string().transform((value, context) => {
  const urls = value.split(',').map(part => URL.parse(part.trim()))
  const fault = faultOf(urls)
  if (fault === undefined) return urls.filter(url => url !== null)
  context.addIssue(fault)
  return z.NEVER
})

function faultOf(urls: readonly (URL | null)[]): string | undefined {
  const protocols = [...PROTOCOLS, ...SENTINEL_PROTOCOLS]
  if (urls.some(url => !url || !protocols.includes(url.protocol) || url.hostname === ''))
    return 'must be a redis:// or rediss:// URL, or several, separated by commas: of the nodes of a cluster, or of Sentinels (redis+sentinel://host:26379/service)'
  if (urls.some(url => url && !(isDecodable(url.username) && isDecodable(url.password))))
    return 'has a % in its user or password that begins no two hexadecimal digits: write it as %25'
  if (urls.some(url => url?.search || url?.hash)) return 'must have neither query nor fragment'
  if (urls.some(url => url && SENTINEL_PROTOCOLS.includes(url.protocol))) return sentinelFaultOf(urls)
  if (urls.length === 1)
    return /^\/?\d*$/.test(urls[0]?.pathname ?? '')
      ? undefined
      : 'must have a database number as its path, or none'
  if (urls.some(url => !/^\/?0?$/.test(url?.pathname ?? ''))) return 'a cluster has the database 0 alone'
  return haveOneAccess(urls) ? undefined : 'the nodes of a cluster must share scheme, user and password'
}

function sentinelFaultOf(urls: readonly (URL | null)[]): string | undefined {
  if (urls.some(url => !SERVICE_PATH.test(url?.pathname ?? '')))
    return 'Sentinels need the name of the service as their path, and may have the number of the database behind it: /service/0'
  const services = new Set(urls.map(url => url?.pathname))
  return haveOneAccess(urls) && services.size === 1
    ? undefined
    : 'Sentinels of one service must share scheme, user, password and path'
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function haveOneAccess(urls: readonly (URL | null)[]): boolean {
  return new Set(urls.map(url => `${url?.protocol} ${url?.username} ${url?.password}`)).size === 1
}
