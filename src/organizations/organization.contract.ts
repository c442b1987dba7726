import { ORGANIZATION_PATH, ORGANIZATIONS_PATH, PROJECT_PATH } from '../access/paths.ts'
import { dataOf, describeRoutes, pageOf } from '../http/operation.ts'
import {
  named,
  organizationQuery,
  organizationResource,
  organizationUpdate,
  projectQuery,
  projectResource,
} from './organization.schema.ts'

const common = { tag: 'Organizations and projects', access: 'principal' } as const

/** The routes of organizations and projects. */
export const organizationOperations = describeRoutes({
  'organizations.list': {
    ...common,
    method: 'get',
    path: ORGANIZATIONS_PATH,
    summary: 'The organizations that the credential can see, by name',
    query: organizationQuery,
    answers: { 200: { description: 'The organizations', schema: pageOf(organizationResource) } },
  },
  'organizations.create': {
    ...common,
    method: 'post',
    path: ORGANIZATIONS_PATH,
    summary: 'Make an organization; who makes it owns it',
    description: 'For owners of the first organization, or for everybody: `ORGANIZATION_CREATION` decides.',
    body: { schema: named, required: true },
    answers: {
      201: { description: 'The organization', schema: dataOf(organizationResource), headers: ['Location'] },
    },
  },
  'organizations.read': {
    ...common,
    method: 'get',
    path: ORGANIZATION_PATH,
    summary: 'One organization',
    answers: { 200: { description: 'The organization', schema: dataOf(organizationResource) } },
  },
  'organizations.update': {
    ...common,
    method: 'put',
    path: ORGANIZATION_PATH,
    summary: 'Rename an organization, or have it require one-time codes of its members',
    body: { schema: organizationUpdate, required: true },
    answers: { 200: { description: 'The organization', schema: dataOf(organizationResource) } },
  },
  'organizations.delete': {
    ...common,
    method: 'delete',
    path: ORGANIZATION_PATH,
    summary: 'Delete an organization with its projects, members and invitations; what was done in it stays',
    description:
      'Who was in it reads its audit trail, and the activity and audit trails of its projects, as what they were there. The first organization cannot be deleted: its owners own the server.',
    answers: { 204: { description: 'It is gone' } },
    problems: ['instance_organization'],
  },
  'projects.list': {
    ...common,
    method: 'get',
    path: `${ORGANIZATION_PATH}/projects`,
    summary: 'The projects that the credential can see, by name',
    query: projectQuery,
    answers: { 200: { description: 'The projects', schema: pageOf(projectResource) } },
  },
  'projects.create': {
    ...common,
    method: 'post',
    path: `${ORGANIZATION_PATH}/projects`,
    summary: 'Make a project',
    body: { schema: named, required: true },
    answers: { 201: { description: 'The project', schema: dataOf(projectResource), headers: ['Location'] } },
  },
  'projects.read': {
    ...common,
    method: 'get',
    path: PROJECT_PATH,
    summary: 'One project',
    answers: { 200: { description: 'The project', schema: dataOf(projectResource) } },
  },
  'projects.update': {
    ...common,
    method: 'put',
    path: PROJECT_PATH,
    summary: 'Rename a project',
    body: { schema: named, required: true },
    answers: { 200: { description: 'The project', schema: dataOf(projectResource) } },
  },
  'projects.delete': {
    ...common,
    method: 'delete',
    path: PROJECT_PATH,
    summary: 'Delete a project with its passes, tokens and keys; its activity and audit trail stay',
    answers: { 204: { description: 'It is gone' } },
  },
})
