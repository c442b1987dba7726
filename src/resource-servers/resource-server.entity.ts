import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { ProjectEntity } from '../organizations/project.entity.ts'
import type { SigningAlgorithm } from '../platform/config.ts'
import type { TokenFormat } from './token-format.ts'

/** A scope that a resource server knows, and what it means there. */
export interface ResourceScope {
  readonly name: string
  readonly description: string
}

/** A resource that tokens can be for (RFC 8707). It belongs to one project, and nobody else's pass may name it. */
export const ResourceServerEntity = defineEntity({
  name: 'ResourceServer',
  tableName: 'resource_servers',
  properties: {
    id: p.uuid().primary(),
    project: p.manyToOne(ProjectEntity).deleteRule('restrict').index(),
    /** As its owner writes it, which is what tokens name as their audience. */
    resource: p.text().unique(),
    /** The one spelling of it (`resource-uri.ts`). */
    uri: p.text().unique(),
    origin: p.text().index(),
    title: p.text(),
    /** null: as the pass has it. */
    tokenFormat: p.text().$type<TokenFormat>().nullable(),
    /** null: as the server has it. */
    signingAlg: p.text().$type<SigningAlgorithm>().nullable(),
    scopes: p.json<ResourceScope[]>(),
    /** Seconds; null: as the pass has it. */
    maxTokenTtl: p.integer().nullable(),
    /** Whether passes of the organization's other projects may name it. */
    shared: p.boolean(),
    /** Since when it is known to be its owner's; no token names it before. */
    verifiedAt: p.datetime(3).nullable(),
    version: p.integer(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type ResourceServer = InferEntity<typeof ResourceServerEntity>
