import { projectUrl } from '../access-tokens/token-client.ts'
import type { Jwks } from '../passes/jwks.schema.ts'
import type { StoredSecret } from '../passes/pass-secret.ts'
import type { AccessLevel, SigningAlgorithm } from '../platform/config.ts'
import { type Database, instantOf } from '../platform/database.ts'
import { mayName } from '../resource-servers/resource-server.store.ts'
import { parseResourceUri } from '../resource-servers/resource-uri.ts'
import type { TokenFormat } from '../resource-servers/token-format.ts'

/** A resource that a pass lists, and what its owner wants of tokens for it. */
export interface ResourceOfClient {
  /** As its owner writes it: the audience of its tokens. */
  readonly resource: string
  /** The one spelling by which it is compared. */
  readonly uri: string
  readonly verified: boolean
  readonly tokenFormat: TokenFormat | null
  readonly signingAlg: SigningAlgorithm | null
  /** Seconds. */
  readonly maxTokenTtl: number | null
}

/**
 * What a node keeps of a pass to act on it. It is true for `version` alone: whoever acts on it says so to the
 * recorder, which commits nothing for a pass that has moved on.
 */
export interface ClientSnapshot {
  /** UUID. */
  readonly passId: string
  /** What people call it by: `SP-2030-A1B2C3`. */
  readonly shownPassId: string
  readonly title: string
  readonly permissions: readonly string[]
  readonly version: number
  readonly epoch: number
  readonly clientId: string
  readonly agentUserId: string
  readonly projectId: string
  readonly organizationId: string
  readonly active: boolean
  readonly validFrom: Date
  readonly validUntil: Date | null
  readonly accessLevel: AccessLevel
  /** Seconds; null: the access level's longest. */
  readonly tokenTtl: number | null
  readonly tokenFormat: TokenFormat
  readonly scopes: readonly string[]
  /** What it may name as the resource of a token (RFC 8707), besides this server's API. */
  readonly resources: readonly ResourceOfClient[]
  readonly allowedIps: readonly string[]
  readonly allowedReferers: readonly string[]
  /** The keys that its assertions are signed with; null: it has none. */
  readonly jwks: Jwks | null
  readonly secrets: readonly StoredSecret[]
}

interface SnapshotRow extends Omit<ClientSnapshot, 'secrets' | 'validFrom' | 'validUntil'> {
  readonly namesProject: boolean
  readonly validFrom: string
  readonly validUntil: string | null
  readonly secrets: { id: string; digest: string; hash: string; expiresAt: string | null }[]
}

/** Reads passes as OAuth clients. */
export class ClientStore {
  readonly #database: Database
  readonly #apiBaseUrl: string

  constructor(database: Database, apiBaseUrl: string) {
    this.#database = database
    this.#apiBaseUrl = apiBaseUrl
  }

  /**
   * The client as it is now, secrets newest first. For one that does not exist the next by its id is read all the same, and
   * forgotten: how long it takes is not to tell which ids exist.
   */
  async load(clientId: string): Promise<ClientSnapshot | undefined> {
    const rows = await this.#database.queryPrepared<SnapshotRow>(
      'load_client',
      `select p.id as "passId", p.pass_id as "shownPassId", p.title, p.permissions, p.version, p.epoch, p.client_id as "clientId", p.agent_id as "agentUserId",
         p.project_id as "projectId", j.organization_id as "organizationId", p.active, p.valid_from as "validFrom",
         p.valid_until as "validUntil", p.access_level as "accessLevel", p.token_ttl as "tokenTtl",
         p.token_format as "tokenFormat", p.scopes, p.allowed_ips as "allowedIps",
         p.allowed_referers as "allowedReferers", p.jwks,
         (select coalesce(json_agg(json_build_object('id', s.id, 'digest', encode(s.digest, 'hex'), 'hash', s.hash,
            'expiresAt', s.expires_at) order by s.created_at desc, s.id desc), '[]')
          from pass_secrets s where s.pass_id = p.id) as secrets,
         (select coalesce(json_agg(json_build_object('resource', r.resource, 'uri', r.uri,
            'verified', r.verified_at is not null, 'tokenFormat', r.token_format, 'signingAlg', r.signing_alg,
            'maxTokenTtl', r.max_token_ttl) order by r.uri), '[]')
          from resource_servers r where r.resource = any(p.resources) and ${mayName('r', 'p.project_id')}) as resources,
         array_position(p.resources, $2 || '/organizations/' || j.organization_id || '/projects/' || p.project_id)
           is not null as "namesProject"
       from passes p join projects j on j.id = p.project_id
         where p.client_id = coalesce(
           (select n.client_id from passes n where n.client_id >= $1 order by n.client_id limit 1),
           (select min(f.client_id) from passes f))`,
      [clientId, this.#apiBaseUrl],
    )
    const row = rows[0]
    // There is no pass at all.
    if (!row) return undefined
    const secrets = row.secrets.map(secret => ({
      id: secret.id,
      digest: Buffer.from(secret.digest, 'hex'),
      hash: secret.hash,
      expiresAt: secret.expiresAt === null ? null : new Date(secret.expiresAt),
    }))
    const { namesProject, ...fields } = row
    const project = projectUrl(this.#apiBaseUrl, row)
    const found = {
      ...fields,
      resources: namesProject ? [...row.resources, ownResource(project)] : row.resources,
      validFrom: instantOf(row.validFrom),
      validUntil: row.validUntil === null ? null : instantOf(row.validUntil),
      secrets,
    }
    return row.clientId === clientId ? found : undefined
  }
}

/** This server's API, or a part of it, as a resource: it has no owner with wishes of their own. */
export function ownResource(url: string): ResourceOfClient {
  const uri = parseResourceUri(url)?.uri ?? url
  return { resource: url, uri, verified: true, tokenFormat: null, signingAlg: null, maxTokenTtl: null }
}
