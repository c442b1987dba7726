import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What the library keeps of people who sign in: interactions, sessions, grants, codes and access tokens. */
export const SessionArtifactEntity = defineEntity({
  name: 'SessionArtifact',
  tableName: 'oidc_artifacts',
  properties: {
    model: p.text().primary(),
    /** SHA-256 of the id, which is the bearer value of some kinds. */
    idHash: p.blob().primary(),
    payload: p.json<Record<string, unknown>>(),
    grantId: p.text().nullable().index(),
    uid: p.text().nullable().index(),
    consumedAt: p.datetime(3).nullable(),
    expiresAt: p.datetime(3).index(),
  },
})

export type SessionArtifact = InferEntity<typeof SessionArtifactEntity>
