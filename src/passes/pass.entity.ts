import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { Principal } from '../access/principal.ts'
import { ProjectEntity } from '../organizations/project.entity.ts'
import type { AccessLevel } from '../platform/config.ts'
import type { TokenFormat } from '../resource-servers/token-format.ts'
import { AgentEntity } from './agent.entity.ts'
import type { Jwks } from './jwks.schema.ts'
import type { CredentialType, UsageType } from './pass.schema.ts'

/**
 * A Sentinel Pass: one OAuth client.
 *
 * `version` goes up with every change that a cached copy must not outlive; whoever acts on such a copy compares
 * it in the statement that records the act. `epoch` goes up to end every live token at once.
 */
export const PassEntity = defineEntity({
  name: 'Pass',
  tableName: 'passes',
  uniques: [{ name: 'passes_project_id_pass_id_unique', properties: ['project', 'passId'] }],
  indexes: [
    { name: 'passes_project_id_created_at_index', properties: ['project', 'createdAt'] },
    { name: 'passes_created_by_id_index', properties: ['createdById'] },
  ],
  properties: {
    id: p.uuid().primary(),
    project: p.manyToOne(ProjectEntity).deleteRule('restrict'),
    agent: p.oneToOne(AgentEntity).owner().deleteRule('restrict'),
    clientId: p.text().unique(),
    passId: p.text(),
    title: p.text(),
    agentType: p.text(),
    description: p.text(),
    integrationNotes: p.text(),
    accessLevel: p.text().$type<AccessLevel>(),
    /** null: the organization's own name. */
    organizationName: p.text().nullable(),
    usageType: p.text().$type<UsageType>(),
    validFrom: p.datetime(3),
    validUntil: p.datetime(3).nullable(),
    permissions: p.array(),
    scopes: p.array(),
    allowedReferers: p.array(),
    credentialType: p.text().$type<CredentialType>(),
    entityType: p.text(),
    entityId: p.text(),
    tags: p.array(),
    tokenFormat: p.text().$type<TokenFormat>(),
    /** Seconds; null: the access level's longest. */
    tokenTtl: p.integer().nullable(),
    resources: p.array(),
    allowedIps: p.array(),
    jwks: p.json<Jwks>().nullable(),
    active: p.boolean(),
    /** Whether every token of it was ended when it was switched off: it is granted none until it is on again. */
    tokensEnded: p.boolean().default(false),
    // Not foreign keys: who made a pass stays on record after they are gone.
    /** null: from before this was noted, and no longer on the audit trail. */
    createdByType: p.text().$type<Principal['kind']>().nullable(),
    createdById: p.uuid().nullable(),
    /** Whether it lasts no longer than the pass that made it. */
    endsWithCreator: p.boolean().default(false),
    version: p.integer(),
    epoch: p.integer(),
    lastRotatedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type Pass = InferEntity<typeof PassEntity>
