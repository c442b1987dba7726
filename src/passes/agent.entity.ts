import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { ProjectEntity } from '../organizations/project.entity.ts'

/** The identity behind a pass: made with it and deleted with it. Its id is the `agentUserId`. */
export const AgentEntity = defineEntity({
  name: 'Agent',
  tableName: 'agents',
  properties: {
    id: p.uuid().primary(),
    project: p.manyToOne(ProjectEntity).deleteRule('restrict').index(),
    createdAt: p.datetime(3),
  },
})

export type Agent = InferEntity<typeof AgentEntity>
