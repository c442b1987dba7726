import { text } from '../http/validate.ts'
import { normalizedEmail } from '../platform/email.ts'

/** An email address, brought to the one spelling that is stored and compared. */
export const email = text(254)
  .transform(normalizedEmail)
  .refine(value => /^[^\s@]+@[^\s@]+$/.test(value), 'must be an email address')
