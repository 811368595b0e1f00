// Regular expressions where handlers have them: as literals that every request evaluates.
export default {
  fetch(request) {
    const path = new URL(request.url).pathname;
    const match = /^\/users\/(\d+)(?:\/posts\/([\w-]+))?$/.exec(path);
    const safe = path.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
    const parts = safe.split(/\/+/).filter((part) => /\S/.test(part));
    return new Response(match ? `user ${match[1]}` : `nothing at ${parts.join(' / ')}`);
  },
};
