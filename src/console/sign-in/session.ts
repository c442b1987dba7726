import { ErrorResponse, OidcClient, type SigninResponse, WebStorageStateStore } from 'oidc-client-ts'
import { CONSOLE_PATH, SERVER } from '../place.ts'

/** A token is renewed when less than this is left of it. */
const RENEWED_BEFORE_SECONDS = 60
const CALLBACK = `${SERVER}console/callback`

/** The session at the server has ended: nothing but signing in helps. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut'
}

/** What a finished sign-in goes on with. */
export interface SignInOutcome {
  /** The address within the console that was asked for. */
  readonly returnTo: string
  /** Undefined: signed in. */
  readonly refusal: 'not signed in' | string | undefined
}

/**
 * The session of the person at the screen. Tokens are kept in memory alone; a page that is loaded anew asks the server
 * for others (`prompt=none`), and the server knows the browser by its cookie.
 */
class Session {
  readonly #client = new OidcClient({
    authority: SERVER.replace(/\/$/, ''),
    client_id: 'sentinel-pass-console',
    redirect_uri: CALLBACK,
    post_logout_redirect_uri: `${SERVER}console`,
    response_type: 'code',
    scope: 'openid profile email',
    // What a sign-in under way is ended with (PKCE, state): it has to outlive the way to the server and back.
    stateStore: new WebStorageStateStore({ prefix: 'sentinel-pass.', store: sessionStorage }),
  })
  #tokens: SigninResponse | undefined
  #renewal: Promise<void> | undefined

  get signedIn(): boolean {
    return this.#tokens !== undefined
  }

  /** Leaves the page for the server's sign-in. @param silent without the server showing a page of its own */
  async begin(returnTo: string, silent: boolean): Promise<void> {
    const { url } = await this.#client.createSigninRequest({
      state: returnTo,
      ...(silent ? { prompt: 'none' } : {}),
    })
    location.assign(url)
  }

  /** Ends what `begin` began. @param url with the code, or the error, of the server */
  async complete(url: string): Promise<SignInOutcome> {
    try {
      const response = await this.#client.processSigninResponse(url)
      this.#tokens = response
      return { returnTo: returnAddress(response.userState), refusal: undefined }
    } catch (error) {
      const returnTo = error instanceof ErrorResponse ? returnAddress(error.state) : CONSOLE_PATH
      if (error instanceof ErrorResponse && error.error === 'login_required')
        return { returnTo, refusal: 'not signed in' }
      return { returnTo, refusal: error instanceof Error ? error.message : String(error) }
    }
  }

  /** A token that is good for a while. @throws SignedOut */
  async accessToken(): Promise<string> {
    if (this.#tokens && (this.#tokens.expires_in ?? 0) < RENEWED_BEFORE_SECONDS) {
      this.#renewal ??= this.#renew().finally(() => {
        this.#renewal = undefined
      })
      await this.#renewal
    }
    if (!this.#tokens) throw new SignedOut()
    return this.#tokens.access_token
  }

  /** The server refused the token: it ended before its time. */
  drop(): void {
    this.#tokens = undefined
  }

  /** Leaves the page to sign out of this browser. */
  async signOut(): Promise<void> {
    const hint = this.#tokens?.id_token
    const { url } = await this.#client.createSignoutRequest(hint === undefined ? {} : { id_token_hint: hint })
    this.drop()
    location.assign(url)
  }

  // The way over the server, taken by fetch: it is the same origin, so the last address of the way can be read here.
  async #renew(): Promise<void> {
    const { url } = await this.#client.createSigninRequest({ state: '', prompt: 'none' })
    const way = await fetch(url, { credentials: 'same-origin', cache: 'no-store' })
    const { refusal } = await this.complete(way.url)
    if (refusal !== undefined) this.drop()
  }
}

export const session = new Session()

/** Only addresses within the console are returned to. */
function returnAddress(state: unknown): string {
  return typeof state === 'string' && state.startsWith(`${CONSOLE_PATH}/`) ? state : CONSOLE_PATH
}
