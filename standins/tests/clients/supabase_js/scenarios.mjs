// The calls of a browser with supabase-js. Run: node scenarios.mjs <name>
// SUPABASE_URL, CONFIRMING_URL, PUBLISHABLE_KEY and SECRET_KEY come from the environment.
import assert from 'node:assert/strict'
import { createClient } from '@supabase/supabase-js'

const { SUPABASE_URL, CONFIRMING_URL, PUBLISHABLE_KEY, SECRET_KEY } = process.env
const ANA = { email: 'ana@example.com', password: 'secret1' }

// Node 20 has no WebSocket, and no scenario opens one.
const realtime = { transport: class {} }

function makeClient({ key = PUBLISHABLE_KEY, url = SUPABASE_URL, fetch, ...options } = {}) {
  const auth = { autoRefreshToken: false, persistSession: false, flowType: 'implicit', ...options }
  return createClient(url, key, { auth, realtime, global: { fetch } })
}

// Returns the data of a successful response.
async function good(answer) {
  const { data, error } = await answer
  assert.equal(error, null)
  return data
}

async function refused(answer, code, status) {
  const { error } = await answer
  assert.deepEqual([error?.code, error?.status], [code, status])
  return error
}

// Asserts that the response is an error of Storage with this status in its body.
async function storageRefused(answer, statusCode) {
  const { error } = await answer
  assert.deepEqual([error?.name, error?.statusCode], ['StorageApiError', statusCode])
  return error
}

async function makeBucket(id, options) {
  const { storage } = makeClient({ key: SECRET_KEY })
  await good(storage.createBucket(id, options))
  return storage.from(id)
}

async function text(blob) {
  return (await good(blob)).text()
}

async function newestMail() {
  return (await (await fetch(`${SUPABASE_URL}/outbox.json`)).json())[0]
}

const scenarios = {
  async whole_session() {
    const client = makeClient()
    const events = []
    client.auth.onAuthStateChange((event) => events.push(event))
    const { user } = await good(client.auth.signUp({ ...ANA, options: { data: { name: 'Ana' } } }))
    await good(client.auth.signOut())
    const signedIn = await good(client.auth.signInWithPassword(ANA))
    assert.equal(signedIn.user.id, user.id)
    assert.equal((await good(client.auth.getUser())).user.user_metadata.name, 'Ana')
    const refreshed = await good(client.auth.refreshSession())
    assert.notEqual(refreshed.session.refresh_token, signedIn.session.refresh_token)
    const changed = await good(client.auth.updateUser({ data: { city: 'Faro' } }))
    assert.equal(changed.user.user_metadata.city, 'Faro')
    await good(client.auth.signOut())
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual(
      events.filter((event) => event !== 'INITIAL_SESSION'),
      ['SIGNED_IN', 'SIGNED_OUT', 'SIGNED_IN', 'TOKEN_REFRESHED', 'USER_UPDATED', 'SIGNED_OUT'],
    )
  },

  async errors() {
    const client = makeClient()
    const { user } = await good(client.auth.signUp(ANA))
    const wrong = { ...ANA, password: 'wrong12' }
    await refused(client.auth.signInWithPassword(wrong), 'invalid_credentials', 400)
    await refused(client.auth.signUp(ANA), 'user_already_exists', 422)
    const weak = await refused(client.auth.signUp({ ...ANA, password: 'abc' }), 'weak_password', 422)
    assert.deepEqual(weak.reasons, ['length'])
    await refused(client.auth.updateUser({ password: ANA.password }), 'same_password', 422)
    const confirming = makeClient({ url: CONFIRMING_URL })
    const eve = { email: 'eve@example.com', password: 'secret1' }
    assert.equal((await good(confirming.auth.signUp(eve))).session, null)
    await refused(confirming.auth.signInWithPassword(eve), 'email_not_confirmed', 400)
    const admin = makeClient({ key: SECRET_KEY })
    await good(admin.auth.admin.updateUserById(user.id, { ban_duration: '24h' }))
    await refused(client.auth.signInWithPassword(ANA), 'user_banned', 400)
    await refused(client.auth.admin.deleteUser(user.id), 'not_admin', 403)
  },

  async admin() {
    const { admin } = makeClient({ key: SECRET_KEY }).auth
    const { user } = await good(admin.createUser({ ...ANA, email_confirm: true }))
    assert.equal((await good(makeClient().auth.signInWithPassword(ANA))).user.id, user.id)
    await good(admin.deleteUser(user.id))
    await refused(admin.deleteUser(user.id), 'user_not_found', 404)
  },

  async rotation() {
    const client = makeClient()
    const { session } = await good(client.auth.signUp(ANA))
    const tokens = { refresh_token: session.refresh_token }
    const [first, second] = await Promise.all([
      good(makeClient().auth.refreshSession(tokens)),
      good(makeClient().auth.refreshSession(tokens)),
    ])
    assert.equal(first.session.refresh_token, second.session.refresh_token)
    const refresh = (token) => makeClient().auth.refreshSession({ refresh_token: token })
    await refused(refresh('abcdefghijkl'), 'refresh_token_not_found', 400)
    await refused(refresh('malformed'), 'validation_failed', 400)
  },

  async sign_out_scopes() {
    const clients = [makeClient(), makeClient(), makeClient()]
    await good(clients[0].auth.signUp(ANA))
    for (const client of clients) await good(client.auth.signInWithPassword(ANA))
    await good(clients[0].auth.signOut({ scope: 'others' }))
    await good(clients[0].auth.getUser())
    // On this code, supabase-js deletes its session and reports that it is missing.
    const { error } = await clients[1].auth.getUser()
    assert.equal(error.name, 'AuthSessionMissingError')
    assert.equal((await good(clients[1].auth.getSession())).session, null)
    await good(clients[0].auth.signOut({ scope: 'local' }))
    await good(clients[0].auth.signInWithPassword(ANA))
  },

  async recovery() {
    await good(makeClient().auth.signUp(ANA))
    const client = makeClient()
    await good(client.auth.resetPasswordForEmail(ANA.email))
    await good(client.auth.resetPasswordForEmail('nobody@example.com'))
    const { code, recipient } = await newestMail()
    assert.equal(recipient, ANA.email)
    const params = { type: 'recovery', email: ANA.email, token: code }
    await good(client.auth.verifyOtp(params))
    await refused(client.auth.verifyOtp(params), 'otp_expired', 403)
    await good(client.auth.updateUser({ password: 'secret2' }))
    await good(makeClient().auth.signInWithPassword({ ...ANA, password: 'secret2' }))

    await good(client.auth.resetPasswordForEmail(ANA.email))
    const { token_hash } = await newestMail()
    await good(makeClient().auth.verifyOtp({ type: 'recovery', token_hash }))

    await good(client.auth.resetPasswordForEmail(ANA.email))
    const answer = await fetch((await newestMail()).link, { redirect: 'manual' })
    assert.equal(answer.status, 303)
    const fragment = new URLSearchParams(new URL(answer.headers.get('location')).hash.slice(1))
    const session = await good(
      makeClient().auth.setSession({
        access_token: fragment.get('access_token'),
        refresh_token: fragment.get('refresh_token'),
      }),
    )
    assert.equal(session.user.email, ANA.email)
  },

  async confirmation() {
    const client = makeClient({ url: CONFIRMING_URL })
    const { user } = await good(client.auth.signUp(ANA))
    assert.equal(user.identities.length, 1)
    await good(client.auth.resend({ type: 'signup', email: ANA.email }))
    const { code } = await newestMail()
    const params = { type: 'email', email: ANA.email, token: code }
    assert.equal((await good(client.auth.verifyOtp(params))).user.id, user.id)
    const again = await good(client.auth.signUp(ANA))
    assert.deepEqual([again.session, again.user.identities], [null, []])
  },

  async pkce() {
    await good(makeClient().auth.signUp(ANA))
    // The browser's storage, which keeps the code verifier until the redirect.
    const kept = new Map()
    const storage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    }
    const client = makeClient({ flowType: 'pkce', persistSession: true, storage })
    const events = []
    client.auth.onAuthStateChange((event) => events.push(event))
    await good(client.auth.resetPasswordForEmail(ANA.email))
    const answer = await fetch((await newestMail()).link, { redirect: 'manual' })
    const target = new URL(answer.headers.get('location'))
    assert.deepEqual([answer.status, target.hash], [303, ''])
    const code = target.searchParams.get('code')
    const { session } = await good(client.auth.exchangeCodeForSession(code))
    assert.equal(session.user.email, ANA.email)
    assert.ok(events.includes('PASSWORD_RECOVERY'), events)
    await good(client.auth.updateUser({ password: 'secret2' }))
    const again = await client.auth.exchangeCodeForSession(code)
    assert.equal(again.error.name, 'AuthPKCECodeVerifierMissingError')
  },

  async claims() {
    const requested = []
    const fetch = (input, init) => {
      requested.push(new URL(input.url ?? input).pathname)
      return globalThis.fetch(input, init)
    }
    const client = makeClient({ fetch })
    const { user } = await good(client.auth.signUp(ANA))
    const { claims } = await good(client.auth.getClaims())
    assert.equal(claims.sub, user.id)
    assert.deepEqual(requested, ['/auth/v1/signup', '/auth/v1/.well-known/jwks.json'])
  },

  async files() {
    const bucket = await makeBucket('files', { public: true })
    // The file part of a Blob has an empty field name.
    const blob = new Blob(['1'], { type: 'text/plain' })
    const made = await good(bucket.upload('u1/a b.txt', blob, { cacheControl: '60' }))
    assert.equal(made.fullPath, 'files/u1/a b.txt')
    await storageRefused(bucket.upload('u1/a b.txt', blob), '409')
    const form = new FormData()
    form.append('anything', new Blob(['2'], { type: 'text/plain' }), 'c.txt')
    await good(bucket.upload('u2/c.txt', form))
    assert.equal(await text(bucket.download('u2/c.txt')), '2')

    const shown = await fetch(bucket.getPublicUrl('u1/a b.txt').data.publicUrl)
    assert.deepEqual([shown.status, await shown.text()], [200, '1'])
    assert.equal(shown.headers.get('cache-control'), 'max-age=60')

    const names = async (...path) => (await good(bucket.list(...path))).map(({ name }) => name)
    assert.deepEqual(await names(), ['u1', 'u2'])
    assert.deepEqual(await names('u2', { limit: 1 }), ['c.txt'])
    const removed = await good(bucket.remove(['u2/c.txt', 'u2/none.txt']))
    assert.deepEqual(removed.map(({ name }) => name), ['u2/c.txt'])
    await storageRefused(bucket.download('u2/c.txt'), '404')
  },

  async buckets() {
    const { storage } = makeClient({ key: SECRET_KEY })
    const limits = { public: true, fileSizeLimit: 10, allowedMimeTypes: ['image/*'] }
    const bucket = await makeBucket('small', limits)
    const made = await good(storage.getBucket('small'))
    assert.deepEqual(
      [made.public, made.file_size_limit, made.allowed_mime_types],
      [true, 10, ['image/*']],
    )
    await storageRefused(storage.createBucket('small'), '409')
    const large = await storageRefused(bucket.upload('a', new Blob(['x'.repeat(11)], { type: 'image/png' })), '413')
    assert.equal(large.status, 413)
    await storageRefused(bucket.upload('a', new Blob(['x'], { type: 'text/plain' })), '415')
    await good(bucket.upload('a', new Blob(['x'], { type: 'image/png' })))
    assert.deepEqual((await good(storage.listBuckets())).map(({ id, public: open }) => [id, open]), [['small', true]])
    await storageRefused(storage.getBucket('unknown'), '404')
  },

  // A policy of the test gives each account the folder named by its id.
  async own_files() {
    await makeBucket('files')
    const [ana, eve] = [makeClient(), makeClient()]
    const { user } = await good(ana.auth.signUp(ANA))
    await good(eve.auth.signUp({ ...ANA, email: 'eve@example.com' }))
    const [mine, hers] = [ana, eve].map((client) => client.storage.from('files'))
    const path = `${user.id}/a.txt`
    await good(mine.upload(path, new Blob(['1'])))
    assert.equal(await text(mine.download(path)), '1')
    await storageRefused(hers.upload(`${user.id}/b.txt`, new Blob(['2'])), '403')
    await storageRefused(hers.download(path), '404')
    assert.deepEqual(await good(hers.list(user.id)), [])
    assert.deepEqual(await good(hers.remove([path])), [])
    assert.equal((await good(mine.remove([path]))).length, 1)
  },
}

await scenarios[process.argv[2]]()
