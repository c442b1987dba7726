import { z } from 'zod'
import { resource, timestamp, uuid } from '../http/operation.ts'
import { cursorByName, page, pagesInReach, perPage } from '../http/pagination.ts'
import { booleanParameter, keptText } from '../http/validate.ts'

/** The body that makes or changes an organization or a project. */
export const named = z.strictObject({
  data: z.strictObject({
    attributes: z.strictObject({ name: keptText(100).trim().min(1, 'must not be empty') }),
  }),
})

/** The body that changes an organization. */
export const organizationUpdate = z.strictObject({
  data: z.strictObject({
    attributes: z
      .strictObject({
        name: keptText(100).trim().min(1, 'must not be empty').optional(),
        requiresTotp: z
          .boolean()
          .optional()
          .describe(
            'Whether it is there only for members who have set up one-time codes, at once; whoever turns it on has them',
          ),
      })
      .refine(fields => Object.keys(fields).length > 0, 'must have name or requiresTotp'),
  }),
})
function listWithDeleted(deleted: string) {
  return z
    .strictObject({
      page,
      per_page: perPage,
      cursor: cursorByName,
      deleted: booleanParameter.default(false).describe(deleted),
    })
    .superRefine(pagesInReach)
}

/** The query of organizations. */
export const organizationQuery = listWithDeleted(
  'Those that were deleted while the caller was in them, in the place of those that there are: what was done in them can be read',
)

/** The query of an organization's projects. */
export const projectQuery = listWithDeleted(
  'Those that were deleted, in the place of those that there are: what was done in them can be read',
)

export const organizationResource = resource(
  'organization',
  z.object({
    name: z.string(),
    requiresTotp: z.boolean(),
    createdAt: timestamp,
    updatedAt: timestamp,
    deletedAt: timestamp.optional().meta({ description: 'Of those that were deleted alone' }),
  }),
).meta({ id: 'Organization' })
export type OrganizationResource = z.output<typeof organizationResource>

export const projectResource = resource(
  'project',
  z.object({
    name: z.string(),
    organizationId: uuid,
    createdAt: timestamp,
    updatedAt: timestamp,
    deletedAt: timestamp.nullable(),
  }),
).meta({ id: 'Project' })
export type ProjectResource = z.output<typeof projectResource>
