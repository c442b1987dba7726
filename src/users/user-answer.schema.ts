import { z } from 'zod'
import { ROLES } from '../access/role.ts'
import { dataOf, pageOf, resource, timestamp, uuid } from '../http/operation.ts'

const role = z.enum(ROLES)
const email = z.string().meta({ description: 'In lower case' })
const totp = z.boolean().meta({ description: 'Whether one-time codes are set up' })

const requiresTotp = z.boolean().meta({
  description:
    'Whether it is there only for members who have set up one-time codes; all others can but leave',
})

/** What somebody sees of their own account. */
export const accountResource = resource(
  'user',
  z.object({
    email,
    name: z.string(),
    totp,
    instanceOwner: z.boolean().meta({
      description: 'Whether they own the organization of the first start, and with it the signing keys',
    }),
    mayCreateOrganizations: z.boolean().meta({
      description: 'Whether they may make organizations, which `ORGANIZATION_CREATION` decides',
    }),
    organizations: z.array(z.object({ id: uuid, name: z.string(), role, requiresTotp })),
    deletedOrganizations: z.array(z.object({ id: uuid, name: z.string(), role, deletedAt: timestamp })).meta({
      description: 'Those that were deleted while they were in them: what was done there can be read',
    }),
    lastSignedInAt: timestamp.nullable(),
    createdAt: timestamp,
  }),
).meta({ id: 'Account' })
export type AccountResource = z.output<typeof accountResource>

/** A browser that somebody is signed in with. */
export const sessionResource = resource(
  'session',
  z.object({
    signedInAt: timestamp.meta({ description: 'When the password was given' }),
    lastUsedAt: timestamp.meta({
      description: 'When it last fetched a token, which the console does every few minutes',
    }),
    expiresAt: timestamp.meta({ description: 'When it ends, however much it is used' }),
    clientIp: z.string().meta({ description: 'The address that it was last used from' }),
    userAgent: z.string().meta({ description: 'What the browser calls itself; empty: nothing' }),
    current: z.boolean().meta({ description: 'Whether the request was made by it' }),
  }),
).meta({ id: 'Session', description: 'A browser that somebody is signed in with' })
export type SessionResource = z.output<typeof sessionResource>
export const sessionList = pageOf(sessionResource)

/** What an organization sees of a member. */
export const memberResource = resource(
  'member',
  z.object({
    email,
    name: z.string(),
    role,
    totp: totp.nullable().meta({
      description: 'Whether one-time codes are set up; null where the caller may not reset the password',
    }),
    lastSignedInAt: timestamp.nullable().meta({
      description: 'null where they never have, or where the caller may not reset the password',
    }),
    createdAt: timestamp.meta({ description: 'When they became a member' }),
  }),
).meta({ id: 'Member', description: 'The id is the user’s' })
export type MemberResource = z.output<typeof memberResource>

export const invitationResource = resource(
  'invitation',
  z.object({
    email,
    role,
    createdAt: timestamp,
    expiresAt: timestamp,
    acceptedAt: timestamp.nullable(),
  }),
).meta({ id: 'Invitation' })
export type InvitationResource = z.output<typeof invitationResource>

/** What somebody sees of an invitation to themselves. */
export const waitingInvitationResource = resource(
  'invitation',
  z.object({
    organization: z.object({ id: uuid, name: z.string() }),
    role,
    invitedBy: z
      .object({ name: z.string(), email: z.string() })
      .nullable()
      .meta({ description: 'Who made it; null where they are not here any more' }),
    createdAt: timestamp,
    expiresAt: timestamp,
  }),
).meta({ id: 'WaitingInvitation', description: 'An invitation that waits for the yes of who reads it' })
export type WaitingInvitationResource = z.output<typeof waitingInvitationResource>

const oneTimeSecret = z
  .object({ secret: z.string(), link: z.url(), expiresAt: timestamp })
  .meta({ id: 'OneTimeSecret', description: 'Shown once: no later answer has it' })
export type OneTimeSecretAnswer = z.output<typeof oneTimeSecret>

const totpSecret = z
  .object({
    secret: z.string().meta({ description: 'In base32' }),
    uri: z.string().meta({ description: 'What a QR code shows: `otpauth://totp/…`' }),
  })
  .meta({ id: 'TotpSecret', description: 'Shown once: no later answer has it' })
export type TotpSecret = z.output<typeof totpSecret>

export const accountAnswer = dataOf(accountResource)
export const memberAnswer = dataOf(memberResource)
export const memberList = pageOf(memberResource)
export const invitationList = pageOf(invitationResource)
export const waitingInvitationList = pageOf(waitingInvitationResource)
export const newInvitationAnswer = z.object({
  data: invitationResource,
  meta: z.object({ invitation: oneTimeSecret }),
})
export const passwordResetAnswer = z.object({ meta: z.object({ passwordReset: oneTimeSecret }) })
export const totpAnswer = z.object({ meta: z.object({ totp: totpSecret }) })
