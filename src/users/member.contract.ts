import { describeRoutes } from '../http/operation.ts'
import { listByName, listByTime } from '../http/pagination.ts'
import { ORGANIZATION_PATH } from '../organizations/organization.schema.ts'
import { memberUpdate, newInvitation, newMember, passwordReset } from './user.schema.ts'
import {
  invitationList,
  memberAnswer,
  memberList,
  newInvitationAnswer,
  passwordResetAnswer,
} from './user-answer.schema.ts'

const MEMBERS = `${ORGANIZATION_PATH}/members`
const INVITATIONS = `${ORGANIZATION_PATH}/invitations`
const common = { tag: 'Members and invitations', access: 'principal' } as const
const gone = { 204: { description: 'It is gone' } } as const

/** The routes of members and invitations. */
export const memberOperations = describeRoutes({
  'members.list': {
    ...common,
    method: 'get',
    path: MEMBERS,
    summary: 'The members of an organization, by email',
    query: listByName,
    answers: { 200: { description: 'The members', schema: memberList } },
  },
  'members.create': {
    ...common,
    method: 'post',
    path: MEMBERS,
    summary: 'Make somebody a member who is in another organization of the caller',
    body: { schema: newMember, required: true },
    answers: { 201: { description: 'The member', schema: memberAnswer, headers: ['Location'] } },
    problems: ['already_member'],
  },
  'members.update': {
    ...common,
    method: 'put',
    path: `${MEMBERS}/:id`,
    summary: 'Give a member another role',
    body: { schema: memberUpdate, required: true },
    answers: { 200: { description: 'The member', schema: memberAnswer } },
    problems: ['last_owner'],
  },
  'members.delete': {
    ...common,
    method: 'delete',
    path: `${MEMBERS}/:id`,
    summary: 'Take a member out of the organization; their account stays',
    answers: gone,
    problems: ['last_owner'],
  },
  'members.reset_password': {
    ...common,
    method: 'post',
    path: `${MEMBERS}/:id/password_reset`,
    summary: 'Make a link by which the member sets a new password; an earlier one stops',
    body: { schema: passwordReset, required: false },
    answers: {
      201: { description: 'The link, once', schema: passwordResetAnswer, headers: ['Cache-Control'] },
    },
  },
  'invitations.list': {
    ...common,
    method: 'get',
    path: INVITATIONS,
    summary: 'The invitations to an organization, newest first',
    query: listByTime,
    answers: { 200: { description: 'The invitations, without their links', schema: invitationList } },
  },
  'invitations.create': {
    ...common,
    method: 'post',
    path: INVITATIONS,
    summary: 'Invite somebody to an organization, by a link that is good once',
    body: { schema: newInvitation, required: true },
    answers: {
      201: {
        description: 'The invitation, and its link, once',
        schema: newInvitationAnswer,
        headers: ['Location', 'Cache-Control'],
      },
    },
  },
  'invitations.delete': {
    ...common,
    method: 'delete',
    path: `${INVITATIONS}/:id`,
    summary: 'Withdraw an invitation: its link is good for nothing from then on',
    answers: gone,
  },
})
