import type { Jwks } from '../passes/jwks.schema.ts'
import type { TokenFormat } from '../passes/pass.schema.ts'
import type { StoredSecret } from '../passes/pass-secret.ts'
import type { AccessLevel } from '../platform/config.ts'
import { type Database, instantOf } from '../platform/database.ts'

/**
 * What a node keeps of a pass to act on it. It is true for `version` alone: whoever acts on it says so to the
 * recorder, which commits nothing for a pass that has moved on.
 */
export interface ClientSnapshot {
  readonly passId: string
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
  readonly resources: readonly string[]
  readonly allowedIps: readonly string[]
  readonly allowedReferers: readonly string[]
  /** The keys that its assertions are signed with; null: it has none. */
  readonly jwks: Jwks | null
  readonly secrets: readonly StoredSecret[]
}

interface SnapshotRow extends Omit<ClientSnapshot, 'secrets' | 'validFrom' | 'validUntil'> {
  readonly validFrom: string
  readonly validUntil: string | null
  readonly secrets: { id: string; digest: string; hash: string; expiresAt: string | null }[]
}

/** Reads passes as OAuth clients. */
export class ClientStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Stores a secret's digest under another key; the version stays, since the secret is the same. */
  async renewDigest(secretId: string, digest: Buffer): Promise<void> {
    await this.#database.query('update pass_secrets set digest = $2 where id = $1', [secretId, digest])
  }

  /**
   * The client as it is now, secrets newest first. For one that does not exist the next by its id is read all the same, and
   * forgotten: how long it takes is not to tell which ids exist.
   */
  async load(clientId: string): Promise<ClientSnapshot | undefined> {
    const rows = await this.#database.query<SnapshotRow>(
      `select p.id as "passId", p.version, p.epoch, p.client_id as "clientId", p.agent_id as "agentUserId",
         p.project_id as "projectId", j.organization_id as "organizationId", p.active, p.valid_from as "validFrom",
         p.valid_until as "validUntil", p.access_level as "accessLevel", p.token_ttl as "tokenTtl",
         p.token_format as "tokenFormat", p.scopes, p.resources, p.allowed_ips as "allowedIps",
         p.allowed_referers as "allowedReferers", p.jwks,
         (select coalesce(json_agg(json_build_object('id', s.id, 'digest', encode(s.digest, 'hex'), 'hash', s.hash,
            'expiresAt', s.expires_at) order by s.created_at desc, s.id desc), '[]')
          from pass_secrets s where s.pass_id = p.id) as secrets
       from passes p join projects j on j.id = p.project_id
         where p.client_id = coalesce(
           (select n.client_id from passes n where n.client_id >= $1 order by n.client_id limit 1),
           (select min(f.client_id) from passes f))`,
      [clientId],
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
    const found = {
      ...row,
      validFrom: instantOf(row.validFrom),
      validUntil: row.validUntil === null ? null : instantOf(row.validUntil),
      secrets,
    }
    return row.clientId === clientId ? found : undefined
  }
}
