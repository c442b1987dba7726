import { describeRoutes } from '../http/operation.ts'
import { addressRelease } from './user.schema.ts'

/** The routes of addresses. */
export const addressOperations = describeRoutes({
  'addresses.release': {
    tag: 'Members and invitations',
    access: 'principal',
    method: 'post',
    path: '/v1/api/released_addresses',
    summary: 'Take an email address from the account that has it, where somebody else gave it as theirs',
    description:
      'For owners of the first organization. The sessions of the account end, and it keeps its memberships under an address that nobody knows; the next invitation to the address makes an account of its own. The answer is the same where nobody has the address.',
    body: { schema: addressRelease, required: true },
    answers: { 204: { description: 'No account has the address' } },
  },
})
