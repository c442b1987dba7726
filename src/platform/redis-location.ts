import { z } from 'zod'

/** Where Redis is, and what the names of all that this installation keeps there start with. */
export interface RedisLocation {
  /** One server, or nodes of one cluster. */
  readonly urls: readonly URL[]
  readonly keyPrefix: string
}

const PROTOCOLS = ['redis:', 'rediss:']

/** One `redis://` or `rediss://` URL, or the nodes of a cluster separated by commas. No fault repeats the value. */
export const redisUrls = z.string().transform((value, context) => {
  const urls = value.split(',').map(part => URL.parse(part.trim()))
  const fault = faultOf(urls)
  if (fault === undefined) return urls.filter(url => url !== null)
  context.addIssue(fault)
  return z.NEVER
})

function faultOf(urls: readonly (URL | null)[]): string | undefined {
  if (urls.some(url => !url || !PROTOCOLS.includes(url.protocol) || url.hostname === ''))
    return 'must be a redis:// or rediss:// URL, or several of the nodes of a cluster, separated by commas; Sentinel is not supported'
  if (urls.some(url => url?.search || url?.hash)) return 'must have neither query nor fragment'
  if (urls.length === 1)
    return /^\/?\d*$/.test(urls[0]?.pathname ?? '')
      ? undefined
      : 'must have a database number as its path, or none'
  if (urls.some(url => !/^\/?0?$/.test(url?.pathname ?? ''))) return 'a cluster has the database 0 alone'
  const access = new Set(urls.map(url => `${url?.protocol} ${url?.username} ${url?.password}`))
  return access.size === 1 ? undefined : 'the nodes of a cluster must share scheme, user and password'
}
