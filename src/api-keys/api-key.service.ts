import type { Actor } from '../access/actor.ts'
import { API_KEY_PREFIX } from '../access/credentials.ts'
import type { ApiKeyPrincipal, OrganizationKeyPrincipal, Principal } from '../access/principal.ts'
import type { KeyRole } from '../access/role.ts'
import type { AuditedAct, AuditTrail } from '../audit/audit-trail.ts'
import { type AuditedFields, changesBetween } from '../audit/changes.ts'
import { ifMatchHolds } from '../http/etag.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import { parseBody, validationFailed } from '../http/validate.ts'
import { OrganizationEntity } from '../organizations/organization.entity.ts'
import { ProjectEntity } from '../organizations/project.entity.ts'
import { generateChecksummedSecret, isChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import { type ApiKey, ApiKeyEntity, nameOfKey } from './api-key.entity.ts'
import { apiKeyETag } from './api-key.presenter.ts'
import { apiKeyUpdate, newApiKey, newOrganizationKey } from './api-key.schema.ts'
import type { ApiKeyStore, KeyOwner } from './api-key.store.ts'

/** A new API key, and its value, which is not to be had again. */
export interface MadeApiKey {
  readonly apiKey: ApiKey
  readonly secretKey: string
}

/** What a new key is like. */
export interface NewApiKey {
  readonly note: string
  /** Of an organization's key. */
  readonly role?: KeyRole
  /** null: never. */
  readonly expiresAt: Date | null
  readonly secretKey: string
}

/** Who acts on keys: as it decides how long they may last, and as the audit trail notes it. */
export interface KeyActing {
  readonly principal: Principal
  readonly actor: Actor
}

/** Makes, lists, changes, deletes and recognizes the API keys of projects and of organizations. */
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
  async authenticate(key: string): Promise<ApiKeyPrincipal | OrganizationKeyPrincipal | undefined> {
    if (!isChecksummedSecret(API_KEY_PREFIX, key)) return undefined
    const found = await this.#store.use(this.#keys.digests(key), this.#clock.date())
    if (!found) return undefined
    const { id, organizationId } = found
    const expiresAt = found.expiresAt === null ? null : instantOf(found.expiresAt)
    return found.role === null
      ? {
          kind: 'api_key',
          id,
          name: nameOfKey(found),
          projectId: found.projectId,
          organizationId,
          expiresAt,
        }
      : {
          ...{ kind: 'organization_key', id, name: nameOfKey(found), organizationId },
          ...{ role: found.role, expiresAt },
        }
  }

  /**
   * @param body `{"data":{"attributes":{...}}}` as it was sent
   * @param remember told of what was made, in the transaction that makes it
   * @returns the key's row and the key itself, which is not to be had again
   * @throws Problem `validation_failed`, also for a key that would outlive the one that makes it
   */
  async create(
    owner: KeyOwner,
    { principal, actor }: KeyActing,
    body: unknown,
    remember: (em: EntityManager, made: MadeApiKey) => Promise<void> = async () => {},
  ): Promise<MadeApiKey> {
    const now = this.#clock.now()
    const schema = owner.projectId === undefined ? newOrganizationKey(now) : newApiKey(now)
    const { attributes } = parseBody<typeof schema>(schema, body).data
    const { expiresAt = endOf(principal) } = attributes
    assertOutlivesNot(principal, expiresAt)
    const secretKey = generateChecksummedSecret(API_KEY_PREFIX)
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const apiKey = this.insert(em, owner, actor, { ...attributes, expiresAt, secretKey })
      await remember(em, { apiKey, secretKey })
      return { apiKey, secretKey }
    })
  }

  /** Inserts a key whose value is known already (the first one of a project), within a transaction. */
  insert(em: EntityManager, owner: KeyOwner, actor: Actor, input: NewApiKey): ApiKey {
    const { projectId } = owner
    const apiKey = em.create(ApiKeyEntity, {
      id: newId(),
      project: projectId === undefined ? null : em.getReference(ProjectEntity, projectId),
      organization:
        projectId === undefined ? em.getReference(OrganizationEntity, owner.organizationId) : null,
      role: input.role ?? null,
      note: input.note,
      digest: this.#keys.digest(input.secretKey),
      createdAt: this.#clock.date(),
      expiresAt: input.expiresAt,
      lastUsedAt: null,
    })
    this.#note(em, owner, actor, apiKey, 'create', { after: auditedFields(apiKey) })
    return apiKey
  }

  async list(owner: KeyOwner, request: PageRequest): Promise<Page<ApiKey>> {
    return this.#store.list(owner, request)
  }

  /** @throws Problem `not_found` */
  async get(owner: KeyOwner, id: string): Promise<ApiKey> {
    const found = await this.#store.find(owner, id)
    if (!found) throw notFound()
    return found
  }

  /**
   * Changes what is sent of note and end. One that changes nothing is no event.
   * @param ifMatch the header; empty when there is none
   * @throws Problem `not_found`, `precondition_failed`, or `validation_failed`, also for an end after that of the key
   * that acts
   */
  async update(
    owner: KeyOwner,
    { principal, actor }: KeyActing,
    id: string,
    body: unknown,
    ifMatch = '',
  ): Promise<ApiKey> {
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const apiKey = await this.#locked(em, owner, id, ifMatch)
      const { note = apiKey.note, expiresAt } = parseBody(apiKeyUpdate(this.#clock.now()), body).data
        .attributes
      if (expiresAt !== undefined) assertOutlivesNot(principal, expiresAt)
      const before = auditedFields(apiKey)
      apiKey.note = note
      if (expiresAt !== undefined) apiKey.expiresAt = expiresAt
      const changes = changesBetween(before, auditedFields(apiKey))
      if (changes) this.#note(em, owner, actor, apiKey, 'update', changes)
      return apiKey
    })
  }

  /**
   * From its answer on, the key is refused everywhere.
   * @param ifMatch the header; empty when there is none
   * @throws Problem `not_found` or `precondition_failed`
   */
  async delete(owner: KeyOwner, actor: Actor, id: string, ifMatch = ''): Promise<void> {
    await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const apiKey = await this.#locked(em, owner, id, ifMatch)
      em.remove(apiKey)
      this.#note(em, owner, actor, apiKey, 'delete', { before: auditedFields(apiKey) })
    })
  }

  async #locked(em: EntityManager, owner: KeyOwner, id: string, ifMatch: string): Promise<ApiKey> {
    const apiKey = await this.#store.findLocked(em, owner, id)
    if (!apiKey) throw notFound()
    if (!ifMatchHolds(ifMatch, apiKeyETag(apiKey)))
      throw new Problem(
        'precondition_failed',
        'The API key has been changed since you read it. Read it again, and send If-Match with its ETag.',
      )
    return apiKey
  }

  #note(
    em: EntityManager,
    owner: KeyOwner,
    actor: Actor,
    { id, note }: ApiKey,
    act: string,
    changes: Pick<AuditedAct, 'before' | 'after'>,
  ): void {
    const place =
      owner.projectId === undefined
        ? { projectId: null, organizationId: owner.organizationId }
        : { projectId: owner.projectId, organizationId: null }
    const targetType = owner.projectId === undefined ? 'organization_key' : 'api_key'
    const action = `${targetType}.${act}`
    this.#audit.noteIn(em, place, actor, { action, targetType, targetId: id, targetName: note, ...changes })
  }
}

/** What an audit event may show of a key. */
function auditedFields({ note, role, expiresAt }: ApiKey): AuditedFields {
  return { note, ...(role ? { role } : {}), expiresAt: expiresAt?.toISOString() ?? null }
}

/** When what somebody acts by ends; null: never by itself. */
function endOf(principal: Principal): Date | null {
  return 'expiresAt' in principal ? principal.expiresAt : null
}

/** A key makes none that outlives it, and lets none do so. @throws Problem `validation_failed` */
function assertOutlivesNot(principal: Principal, expiresAt: Date | null): void {
  const end = endOf(principal)
  if (end === null || (expiresAt !== null && expiresAt <= end)) return
  throw validationFailed([
    {
      pointer: '/data/attributes/expiresAt',
      detail: `must not lie after ${end.toISOString()}, when the API key ends that this is done with`,
    },
  ])
}
