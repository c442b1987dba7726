export const ORGANIZATIONS_PATH = '/v1/api/organizations'
/** Where everything of an organization is. */
export const ORGANIZATION_PATH = `${ORGANIZATIONS_PATH}/:orgId`
/** Where everything of a project is. */
export const PROJECT_PATH = `${ORGANIZATION_PATH}/projects/:projectId`
