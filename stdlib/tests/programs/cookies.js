const log = (...values) => console.log(...values);
const tell = promise => Promise.resolve(promise).then(value => log('fulfilled', value), error => log(error.name, error.message));
log(String(cookieStore), cookieStore instanceof EventTarget, await cookieStore.getAll(), await cookieStore.get('a'));
await cookieStore.set(' a ', ' 1 ');
await cookieStore.set({ name: 'b', value: '2', path: '/app', sameSite: 'lax', expires: Date.now() + 1000 });
await cookieStore.set({ name: 'c', value: '3', path: '/elsewhere' });
await cookieStore.set('', 'nameless');
log(await cookieStore.get('a'), await cookieStore.get({ name: 'b' }), await cookieStore.get('c'), await cookieStore.get(''));
log((await cookieStore.getAll()).map(cookie => cookie.name + '=' + cookie.value).join('; '), await cookieStore.getAll('a'));
log(await cookieStore.get({ name: 'c', url: '/elsewhere/x' }), await cookieStore.get({ url: '/app' }));
await cookieStore.set('a', 'again');
log((await cookieStore.getAll('a')).length, (await cookieStore.get('a')).value);
await cookieStore.delete('a');
await cookieStore.delete({ name: 'b', path: '/app' });
await cookieStore.delete('');
log(await cookieStore.getAll());
await cookieStore.set({ name: 'old', value: 'x', expires: 1 });
log(await cookieStore.get('old'));
for (const call of [() => cookieStore.get(), () => cookieStore.get({}), () => cookieStore.get(null), () => cookieStore.get({ url: 'https://other/' }), () => cookieStore.set('a'),
    () => cookieStore.set(), () => cookieStore.set('a;b', ''), () => cookieStore.set('a=b', ''), () => cookieStore.set('', ''), () => cookieStore.set('a', '\u0001'),
    () => cookieStore.set({ name: 'a' }), () => cookieStore.set({ name: 'a', value: 'b', domain: 'other.com' }), () => cookieStore.set({ name: 'a', value: 'b', path: 'x' }),
    () => cookieStore.set({ name: 'a', value: 'b', sameSite: 'never' }), () => cookieStore.set({ name: '__host-a', value: 'b', path: '/x' }),
    () => cookieStore.delete(), () => CookieStore.prototype.get.call({}, 'a'), async () => new CookieStore()]) await tell(call());
