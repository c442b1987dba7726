import { z } from 'zod'
import { dataOf, describeRoutes } from '../http/operation.ts'
import { organizationResource, PROJECT_PATH, projectResource, projectUpdate } from './organization.schema.ts'

const common = { tag: 'Organizations and projects', access: 'principal' } as const

/** The routes of organizations and projects. */
export const organizationOperations = describeRoutes({
  'organizations.list': {
    ...common,
    method: 'get',
    path: '/v1/api/organizations',
    summary: 'The organizations that the credential can see',
    answers: { 200: { description: 'The organizations', schema: dataOf(z.array(organizationResource)) } },
  },
  'organizations.read': {
    ...common,
    method: 'get',
    path: '/v1/api/organizations/:orgId',
    summary: 'One organization',
    answers: { 200: { description: 'The organization', schema: dataOf(organizationResource) } },
  },
  'projects.list': {
    ...common,
    method: 'get',
    path: '/v1/api/organizations/:orgId/projects',
    summary: 'The projects that the credential can see',
    answers: { 200: { description: 'The projects', schema: dataOf(z.array(projectResource)) } },
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
    body: { schema: projectUpdate, required: true },
    answers: { 200: { description: 'The project', schema: dataOf(projectResource) } },
  },
})
