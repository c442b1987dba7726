import type { Actor } from '../access/actor.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { type AuditedFields, changesBetween } from '../audit/changes.ts'
import { ifMatchHolds } from '../http/etag.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import { parseBody, validationFailed } from '../http/validate.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import { ProjectEntity } from '../organizations/project.entity.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import type { MetadataReader } from './metadata-reader.ts'
import { auditedResource } from './resource-audit.ts'
import { type ResourceServer, ResourceServerEntity } from './resource-server.entity.ts'
import { resourceServerETag } from './resource-server.presenter.ts'
import {
  type NewResourceServer,
  newResourceServer,
  type ResourceServerUpdate,
  resourceServerUpdate,
} from './resource-server.schema.ts'
import type { ResourceServerStore } from './resource-server.store.ts'
import { isAtOrBelow, overlaps, parseResourceUri, type ResourceUri } from './resource-uri.ts'

/** Whose resource server it is to be. */
export interface Owner {
  readonly organizationId: string
  readonly projectId: string
}

/** What of a resource server changes. */
type ChangedFields = Omit<ResourceServerUpdate, 'resource'> & { readonly verifiedAt?: Date }

/** A resource as its owner writes it, by any spelling of it; undefined for one that passes of the project may not list. */
export type Admission = (resource: string) => string | undefined

/** For so long a claim that nobody has verified stands in the way of other organizations. */
const CLAIM_MS = 86_400_000

/**
 * The resources that tokens can be for: each has one owner, so that nobody has tokens made for another's. Every change
 * raises the versions of the passes that list it; from its answer on no node grants what it ended.
 */
export class ResourceServerService {
  readonly #database: Database
  readonly #store: ResourceServerStore
  readonly #organizations: Pick<OrganizationStore, 'isOperators'>
  readonly #audit: AuditTrail
  readonly #metadata: Pick<MetadataReader, 'assertNamesIssuer'>
  readonly #clock: Clock
  readonly #apiBase: ResourceUri | undefined

  constructor(
    database: Database,
    store: ResourceServerStore,
    organizations: Pick<OrganizationStore, 'isOperators'>,
    audit: AuditTrail,
    metadata: Pick<MetadataReader, 'assertNamesIssuer'>,
    clock: Clock,
    apiBaseUrl: string,
  ) {
    this.#database = database
    this.#store = store
    this.#organizations = organizations
    this.#audit = audit
    this.#metadata = metadata
    this.#clock = clock
    this.#apiBase = parseResourceUri(apiBaseUrl)
  }

  /**
   * @param remember told of what was made, in the transaction that makes it
   * @throws Problem `validation_failed` or `resource_taken`
   */
  async create(
    owner: Owner,
    actor: Actor,
    body: unknown,
    remember: (em: EntityManager, made: ResourceServer) => Promise<void> = async () => {},
  ): Promise<ResourceServer> {
    const { attributes } = parseBody(newResourceServer, body).data
    // The operator answers for what tokens of this server are for.
    const vouched = await this.#organizations.isOperators(owner.organizationId)
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const made = await this.insert(em, owner, actor, attributes, vouched)
      await remember(em, made)
      return made
    })
  }

  /**
   * Registers one, within a transaction.
   * @param vouched whether the operator answers for it
   * @throws Problem `validation_failed` or `resource_taken`
   */
  async insert(
    em: EntityManager,
    owner: Owner,
    actor: Actor,
    input: NewResourceServer,
    vouched: boolean,
  ): Promise<ResourceServer> {
    const uri = parseResourceUri(input.resource)
    if (!uri || (this.#apiBase && isAtOrBelow(uri, this.#apiBase)))
      throw validationFailed([
        {
          pointer: '/data/attributes/resource',
          detail: 'is this server’s own: nothing at or below its API can be registered',
        },
      ])
    await this.#makeRoom(em, owner, uri, vouched)
    const now = this.#clock.date()
    const made = em.create(ResourceServerEntity, {
      ...input,
      id: newId(),
      project: em.getReference(ProjectEntity, owner.projectId),
      uri: uri.uri,
      origin: uri.origin,
      title: input.title ?? [...input.resource].slice(0, 100).join(''),
      verifiedAt: vouched ? now : null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    })
    this.#note(em, actor, made, 'resource_server.create', {})
    await em.flush()
    await this.#store.passesMoveOn(em, made, 'none')
    return made
  }

  async list(projectId: string, request: PageRequest): Promise<Page<ResourceServer>> {
    return this.#store.list(projectId, request)
  }

  /** @throws Problem `not_found` */
  async get(projectId: string, id: string): Promise<ResourceServer> {
    return (await this.#store.find(projectId, id)) ?? raise()
  }

  /**
   * Changes the fields that are sent, for grants from now on.
   * @param ifMatch the header; empty when there is none
   * @throws Problem `not_found`, `precondition_failed` or `validation_failed`
   */
  async update(
    projectId: string,
    actor: Actor,
    id: string,
    body: unknown,
    ifMatch: string,
  ): Promise<ResourceServer> {
    const { attributes } = parseBody(resourceServerUpdate, body).data
    const { resource, ...fields } = attributes
    return this.#changeOne(projectId, actor, id, 'resource_server.update', ifMatch, server => {
      if (resource !== undefined && resource !== server.resource)
        throw validationFailed([
          {
            pointer: '/data/attributes/resource',
            detail: 'cannot be changed: register another one, and delete this one',
          },
        ])
      return fields
    })
  }

  /** From its answer on no token is granted for it, nor is one accepted here. @throws Problem `not_found`, `precondition_failed` */
  async delete(projectId: string, actor: Actor, id: string, ifMatch: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const server = (await this.#store.findLocked(em, projectId, id)) ?? raise()
      assertFresh(server, ifMatch)
      await this.#remove(em, actor, server)
    })
  }

  /**
   * Has this server find out whether the resource is its owner's: by the metadata at its origin (RFC 9728), where only
   * the owner can have put this issuer.
   * @throws Problem `not_found` or `resource_not_verified`
   */
  async verify(projectId: string, actor: Actor, id: string): Promise<ResourceServer> {
    const found = await this.get(projectId, id)
    if (!found.verifiedAt) await this.#metadata.assertNamesIssuer(found.resource, projectId)
    return this.#changeOne(projectId, actor, id, 'resource_server.verify', '', ({ verifiedAt }) => ({
      verifiedAt: verifiedAt ?? this.#clock.date(),
    }))
  }

  /**
   * Holds the resources that a pass is to list: none of them changes before the pass is committed. To be called before
   * the pass is held, as who changes a resource holds it before its passes.
   */
  async hold(em: EntityManager, owner: Owner, wanted: readonly string[]): Promise<Admission> {
    const uris = wanted.flatMap(text => parseResourceUri(text)?.uri ?? [])
    const found = uris.length > 0 ? await this.#store.holdNameable(em, owner.projectId, uris) : []
    const byUri = new Map([...found, ...this.#ownOf(owner)].map(({ uri, resource }) => [uri, resource]))
    return resource => byUri.get(parseResourceUri(resource)?.uri ?? '')
  }

  /** This server's API, and the project's own URL, which need no owner. */
  #ownOf({ organizationId, projectId }: Owner): { readonly uri: string; readonly resource: string }[] {
    if (!this.#apiBase) return []
    const base = this.#apiBase.uri
    const project = `${base}/organizations/${organizationId}/projects/${projectId}`
    return [base, project].map(uri => ({ uri, resource: uri }))
  }

  async #makeRoom(em: EntityManager, owner: Owner, uri: ResourceUri, vouched: boolean): Promise<void> {
    const claimedSince = this.#clock.now() - CLAIM_MS
    for (const { server, organizationId } of await this.#store.ofOrigin(em, uri.origin)) {
      const other = parseResourceUri(server.resource)
      const stranger = organizationId !== owner.organizationId
      if (!other || !(stranger ? overlaps(uri, other) : uri.uri === other.uri)) continue
      // Who claims what is not theirs does not keep its owner from it.
      const yields = stranger && !server.verifiedAt && (vouched || server.createdAt.getTime() <= claimedSince)
      if (!yields) throw taken()
      const system: Actor = { type: 'system', id: null, name: 'unverified claim', clientIp: null }
      await this.#remove(em, system, server)
      await em.flush()
    }
  }

  async #remove(em: EntityManager, actor: Actor, server: ResourceServer): Promise<void> {
    await this.#store.passesMoveOn(em, server, 'all')
    this.#audit.note(em, server.project.id, actor, {
      ...targetOf(server),
      action: 'resource_server.delete',
      before: { ...auditedResource(server) },
    })
    em.remove(server)
  }

  async #changeOne(
    projectId: string,
    actor: Actor,
    id: string,
    action: string,
    ifMatch: string,
    fieldsFor: (server: ResourceServer) => ChangedFields,
  ): Promise<ResourceServer> {
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const server = (await this.#store.findLocked(em, projectId, id)) ?? raise()
      assertFresh(server, ifMatch)
      await this.change(em, actor, server, action, fieldsFor(server))
      return server
    })
  }

  /**
   * Sets what was sent, within a transaction; nothing happens where that changes nothing. Passes that may not name it any
   * more cease to list it.
   */
  async change(
    em: EntityManager,
    actor: Actor,
    server: ResourceServer,
    action: string,
    fields: ChangedFields,
  ): Promise<void> {
    const before = auditedResource(server)
    const wasShared = server.shared
    Object.assign(
      server,
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    )
    if (!changesBetween(before, auditedResource(server))) return
    server.version += 1
    server.updatedAt = this.#clock.date()
    this.#note(em, actor, server, action, before)
    await this.#store.passesMoveOn(em, server, wasShared && !server.shared ? 'others' : 'none')
  }

  #note(
    em: EntityManager,
    actor: Actor,
    server: ResourceServer,
    action: string,
    before: AuditedFields,
  ): void {
    const changes = changesBetween(before, auditedResource(server))
    this.#audit.note(em, server.project.id, actor, { ...targetOf(server), action, ...changes })
  }
}

function targetOf({ id, title }: ResourceServer) {
  return { targetType: 'resource_server', targetId: id, targetName: title } as const
}

function assertFresh(server: ResourceServer, ifMatch: string): void {
  if (ifMatchHolds(ifMatch, resourceServerETag(server))) return
  throw new Problem(
    'precondition_failed',
    'The resource server has been changed since you read it. Read it again, and send If-Match with its ETag.',
  )
}

function taken(): Problem {
  return new Problem(
    'resource_taken',
    'This resource is registered already, or one at, above or below it is another organization’s. Choose the URI of a resource that is yours alone.',
    [{ pointer: '/data/attributes/resource', detail: 'is taken' }],
  )
}

function raise(): never {
  throw notFound()
}
