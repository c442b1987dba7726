import { z } from 'zod'
import { ROLES } from '../access/role.ts'
import { email } from '../accounts/email.schema.ts'
import { keptText, text } from '../http/validate.ts'
import { LONGEST_PASSWORD, passwordFormFault } from '../platform/password-policy.ts'

/** One that somebody is invited by: what does not show, or turns what is around it, would make it look like another's. */
const invitedEmail = email.refine(
  value => !/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/u.test(value),
  'must have no characters that do not show',
)

/** A password that is to be set, by its form; how easy it is to guess is judged where its person is known. */
export const newPassword = text(LONGEST_PASSWORD).superRefine((value, context) => {
  const fault = passwordFormFault(value)
  if (fault !== undefined) context.addIssue(fault)
})

/** A password, one-time code or secret that is to be proved: whatever was set once, so only its size is judged. */
const proof = text(1000)
const name = keptText(100).trim().min(1, 'must not be empty')
const role = z.enum(ROLES)

function attributes<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ data: z.strictObject({ attributes: z.strictObject(shape) }) })
}

export const memberUpdate = attributes({ role })
export const newInvitation = attributes({ email: invitedEmail, role })
export const addressRelease = attributes({ email })
/** `name` is for somebody new; who has an account proves its password instead, with a code where one is set up. */
export const acceptance = attributes({
  secret: proof,
  name: name.optional(),
  password: proof,
  code: proof.optional(),
})
export const accountUpdate = attributes({ name })
export const passwordChange = attributes({ currentPassword: proof, newPassword })
export const passwordRedemption = attributes({ secret: proof, password: newPassword })
export const totpCode = attributes({ code: proof })
export const totpEnrolment = attributes({ password: proof })
export const totpRemoval = attributes({ password: proof })
export const passwordReset = attributes({
  dropTotp: z
    .boolean()
    .default(false)
    .describe('Whether the member’s one-time codes go too, when the link is used: for a device that is lost'),
})
export const accountDeletion = attributes({ password: proof })
