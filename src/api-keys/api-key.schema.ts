import { z } from 'zod'
import { KEY_ROLES } from '../access/role.ts'
import { endInstant } from '../http/instants.ts'
import { resource, timestamp } from '../http/operation.ts'
import { keptText } from '../http/validate.ts'

const note = keptText(500)
const role = z
  .enum(KEY_ROLES, `must be one of ${KEY_ROLES.join(', ')}`)
  .describe('What the key may do in the organization and all of its projects')

/** Until when a key is good: one that has ended already would never work. @param now milliseconds since the epoch */
function end(now: number) {
  return endInstant.refine(date => date.getTime() > now, 'must lie in the future').nullable()
}

/** Body of a new API key of a project. @param now milliseconds since the epoch */
export function newApiKey(now: number) {
  return z.strictObject({
    data: z
      .strictObject({
        attributes: z.strictObject({ note: note.default(''), expiresAt: end(now).optional() }).prefault({}),
      })
      .prefault({}),
  })
}

/** Body of a new API key of an organization. @param now milliseconds since the epoch */
export function newOrganizationKey(now: number) {
  return z.strictObject({
    data: z.strictObject({
      attributes: z.strictObject({ note: note.default(''), role, expiresAt: end(now).optional() }),
    }),
  })
}

/** Body of a change of an API key. @param now milliseconds since the epoch */
export function apiKeyUpdate(now: number) {
  return z.strictObject({
    data: z.strictObject({
      attributes: z.strictObject({ note: note.optional(), expiresAt: end(now).optional() }),
    }),
  })
}

const shown = {
  note: z.string(),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
}
const shownKey = {
  key: z.string().meta({ description: 'The key itself, shown once: the same as `meta.secretKey`' }),
}

export const apiKeyResource = resource('api_key', z.object(shown)).meta({ id: 'ApiKey' })
export const organizationKeyResource = resource('organization_api_key', z.object({ ...shown, role })).meta({
  id: 'OrganizationApiKey',
})
export type ApiKeyResource = z.output<typeof apiKeyResource> | z.output<typeof organizationKeyResource>

const secret = {
  meta: z.object({ secretKey: z.string().meta({ description: 'Shown once' }) }),
}
/** The key itself, in the answer that made it. */
export const newApiKeyAnswer = z.object({
  data: resource('api_key', z.object({ ...shown, ...shownKey })),
  ...secret,
})
export const newOrganizationKeyAnswer = z.object({
  data: resource('organization_api_key', z.object({ ...shown, role, ...shownKey })),
  ...secret,
})
