import { dataOf, describeRoutes, pageOf } from '../http/operation.ts'
import { listByName } from '../http/pagination.ts'
import {
  named,
  ORGANIZATION_PATH,
  ORGANIZATIONS_PATH,
  organizationResource,
  organizationUpdate,
  PROJECT_PATH,
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
    query: listByName,
    answers: { 200: { description: 'The organizations', schema: pageOf(organizationResource) } },
  },
  'organizations.create': {
    ...common,
    method: 'post',
    path: ORGANIZATIONS_PATH,
    summary: 'Make an organization; who makes it owns it',
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
