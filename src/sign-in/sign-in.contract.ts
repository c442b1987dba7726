import { z } from 'zod'
import { type AnswerDescription, describeRoutes, KNOWN } from '../http/operation.ts'
import { STYLE_PATH } from './sign-in-pages.ts'
import { SIGN_IN_PAGE, SIGN_IN_ROUTES } from './sign-in-provider.ts'

const FORM = 'application/x-www-form-urlencoded'
const common = { tag: 'Signing in', access: 'anybody', errors: 'page' } as const
const parameters = { uid: { description: 'The sign-in that is under way', schema: z.string() } }

const authorizationRequest = z.looseObject({
  client_id: z.string(),
  response_type: z.literal('code'),
  redirect_uri: z.url(),
  scope: z.string().meta({ description: '`openid`, with `profile` and `email` as needed' }),
  code_challenge: z.string().meta({ description: 'PKCE (RFC 7636)' }),
  code_challenge_method: z.literal('S256'),
  state: z.string().optional(),
  nonce: z.string().optional(),
  prompt: z.enum(['none', 'login']).optional(),
  max_age: z.int().min(0).optional().meta({ description: 'Seconds since the password was given, at most' }),
  login_hint: z.string().optional().meta({ description: 'The email to begin with' }),
})

const logoutRequest = z.looseObject({
  client_id: z.string().optional(),
  id_token_hint: z.string().optional(),
  post_logout_redirect_uri: z.url().optional(),
  state: z.string().optional(),
})

const signInForm = z.looseObject({
  email: z.string(),
  password: z.string(),
  code: z.string().optional().meta({ description: 'The one-time code, where one is set up' }),
})

const logoutForm = z.looseObject({
  xsrf: z.string().meta({ description: 'As the page has it' }),
  logout: z.literal('yes').optional().meta({ description: 'Not given: the session stays' }),
})

const html = { 'text/html': z.string() }

function page(description: string): AnswerDescription {
  return { description, content: html, headers: ['Cache-Control'] }
}

/** A browser follows it; the text is for those that do not. */
function onward(description: string): AnswerDescription {
  return { description, content: { ...html, 'text/plain': z.string() }, headers: ['Location'] }
}

const LIMITED = {
  ...page('Too many sign-ins were begun from the address'),
  headers: ['Cache-Control', 'Retry-After'],
} as const

/** The routes by which people sign in and out (OpenID Connect). */
export const signInOperations = describeRoutes({
  'sign_in.authorize': {
    ...common,
    method: 'get',
    path: SIGN_IN_ROUTES.authorization,
    summary: 'Begin to sign in (RFC 6749 section 4.1, with PKCE)',
    query: authorizationRequest,
    answers: {
      200: { description: 'A form that the browser posts to the client', content: html },
      303: onward('To the sign-in page, or back to the client with a code or an error'),
      429: LIMITED,
    },
  },
  'sign_in.resume': {
    ...common,
    method: 'get',
    path: `${SIGN_IN_ROUTES.authorization}/:uid`,
    parameters,
    summary: 'Go on after the sign-in page',
    answers: {
      200: { description: 'A form that the browser posts to the client', content: html },
      303: onward('Back to the client, with a code or an error'),
    },
  },
  'sign_in.page': {
    ...common,
    method: 'get',
    path: `${SIGN_IN_PAGE}/:uid`,
    parameters,
    summary: 'The sign-in page',
    answers: { 200: page('The page') },
  },
  'sign_in.submit': {
    ...common,
    method: 'post',
    path: `${SIGN_IN_PAGE}/:uid`,
    parameters,
    summary: 'Sign in with what the page asks for',
    body: { schema: signInForm, type: FORM, required: true },
    answers: {
      303: onward('Signed in: on to the client'),
      401: page('Not right: the page again'),
      429: {
        ...page('Too many failed attempts: the page again'),
        headers: ['Cache-Control', 'Retry-After'],
      },
    },
  },
  'sign_in.style': {
    ...common,
    method: 'get',
    path: STYLE_PATH,
    summary: 'The style of the pages',
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'The style',
        content: { 'text/css': z.string() },
        headers: ['Cache-Control', 'ETag'],
      },
      304: KNOWN,
    },
  },
  'sign_out.page': {
    ...common,
    method: 'get',
    path: SIGN_IN_ROUTES.end_session,
    summary: 'Ask whether to sign out (OpenID Connect RP-Initiated Logout)',
    query: logoutRequest,
    answers: { 200: { description: 'The page', content: html }, 429: LIMITED },
  },
  'sign_out.confirm': {
    ...common,
    method: 'post',
    path: `${SIGN_IN_ROUTES.end_session}/confirm`,
    summary: 'Sign out of this browser',
    body: { schema: logoutForm, type: FORM, required: true },
    answers: { 303: onward('To the client, or to the page that says so') },
  },
  'sign_out.done': {
    ...common,
    method: 'get',
    path: `${SIGN_IN_ROUTES.end_session}/success`,
    summary: 'The page after signing out',
    query: z.looseObject({ client_id: z.string().optional() }),
    answers: { 200: page('The page') },
  },
})
