#!/bin/sh
# Has TypeScript compile the declarations and a worker that uses them: `stdlib/tests/typescript/check.sh [VERSION…]`, from anywhere.
# Wants npm, and the network for the compiler's first use. Versions: 5.7 or later.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/mayfly.d.ts" "$here/worker.ts" "$work"
cd "$work"
cat > tsconfig.json <<'JSON'
{
  "compilerOptions": {
    "target": "esnext", "module": "esnext", "lib": ["esnext"], "types": [], "noEmit": true,
    "strict": true, "noUncheckedIndexedAccess": true, "exactOptionalPropertyTypes": false
  },
  "files": ["mayfly.d.ts", "worker.ts"]
}
JSON
for version in "${@:-latest}"; do
  npx --yes -p "typescript@$version" tsc --version
  npx --yes -p "typescript@$version" tsc
done
echo 'The declarations and the worker compile.'
