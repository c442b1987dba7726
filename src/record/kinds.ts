/** An access token was granted. Written in the statement that stores the token, before the answer leaves. */
export const TOKEN_GENERATION = 'token_generation'

/** A call made with a pass's credentials or token: to this server's API, or to a resource server that reported it. */
export const API_REQUEST = 'api_request'

/** A grant that a known client asked for was refused. Nothing else is an error row. */
export const ERROR = 'error'

export const ACTIVITY_TYPES = [TOKEN_GENERATION, API_REQUEST, ERROR] as const
export type ActivityType = (typeof ACTIVITY_TYPES)[number]
