import { API_KEY_PREFIX } from '../access/credentials.ts'
import type { ApiKeyPrincipal } from '../access/principal.ts'
import type { Actor, AuditTrail } from '../audit/audit-trail.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import { parseBody } from '../http/validate.ts'
import { ProjectEntity } from '../organizations/project.entity.ts'
import { generateChecksummedSecret, isChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import { type ApiKey, ApiKeyEntity } from './api-key.entity.ts'
import { type NewApiKey, newApiKey } from './api-key.schema.ts'
import type { ApiKeyStore } from './api-key.store.ts'

/** A new API key, and its value, which is not to be had again. */
export interface MadeApiKey {
  readonly apiKey: ApiKey
  readonly secretKey: string
}

/** Makes, lists, deletes and recognizes a project's API keys. */
export class ApiKeyService {
  readonly #database: Database
  readonly #store: ApiKeyStore
  readonly #audit: AuditTrail
  readonly #keys: SecretKeys
  readonly #clock: Clock

  constructor(database: Database, store: ApiKeyStore, audit: AuditTrail, keys: SecretKeys, clock: Clock) {
    this.#database = database
    this.#store = store
    this.#audit = audit
    this.#keys = keys
    this.#clock = clock
  }

  /**
   * Who presents this key; undefined for one that is unknown, deleted or expired.
   * The digest is looked up by index: 256 random bits are found by nobody who watches how long that takes.
   */
  async authenticate(key: string): Promise<ApiKeyPrincipal | undefined> {
    if (!isChecksummedSecret(API_KEY_PREFIX, key)) return undefined
    const found = await this.#store.use(this.#keys.digests(key), this.#clock.date())
    if (!found) return undefined
    const { id, note, projectId, organizationId } = found
    return { kind: 'api_key', id, name: note || 'API key', projectId, organizationId }
  }

  /**
   * @param body `{"data":{"attributes":{...}}}` as it was sent
   * @param remember told of what was made, in the transaction that makes it
   * @returns the key's row and the key itself, which is not to be had again
   * @throws Problem `validation_failed`
   */
  async create(
    projectId: string,
    actor: Actor,
    body: unknown,
    remember: (em: EntityManager, made: MadeApiKey) => Promise<void> = async () => {},
  ): Promise<MadeApiKey> {
    const { attributes } = parseBody(newApiKey(this.#clock.now()), body).data
    const secretKey = generateChecksummedSecret(API_KEY_PREFIX)
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const apiKey = this.insert(em, projectId, actor, { ...attributes, secretKey })
      await remember(em, { apiKey, secretKey })
      return { apiKey, secretKey }
    })
  }

  /** Inserts a key whose value is known already (the first one of a project), within a transaction. */
  insert(
    em: EntityManager,
    projectId: string,
    actor: Actor,
    input: NewApiKey & { readonly secretKey: string },
  ): ApiKey {
    const apiKey = em.create(ApiKeyEntity, {
      id: newId(),
      project: em.getReference(ProjectEntity, projectId),
      note: input.note,
      digest: this.#keys.digest(input.secretKey),
      createdAt: this.#clock.date(),
      expiresAt: input.expiresAt,
      lastUsedAt: null,
    })
    this.#audit.note(em, projectId, actor, {
      action: 'api_key.create',
      targetType: 'api_key',
      targetId: apiKey.id,
      targetName: apiKey.note,
    })
    return apiKey
  }

  async list(projectId: string, request: PageRequest): Promise<Page<ApiKey>> {
    return this.#store.list(projectId, request)
  }

  /** From its answer on, the key is refused everywhere. @throws Problem `not_found` */
  async delete(projectId: string, actor: Actor, id: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const apiKey = await this.#store.find(em, projectId, id)
      if (!apiKey) throw notFound()
      em.remove(apiKey)
      this.#audit.note(em, projectId, actor, {
        action: 'api_key.delete',
        targetType: 'api_key',
        targetId: apiKey.id,
        targetName: apiKey.note,
      })
    })
  }
}
