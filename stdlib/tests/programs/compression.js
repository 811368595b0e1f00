// Formats beyond those of the standard's first edition; the others are in `streams`.
const bytes = async stream => new Uint8Array(await new Response(stream).arrayBuffer());
const through = (data, transform) => bytes(new Blob([data]).stream().pipeThrough(transform));
const text = 'expected output, expected output, expected output. '.repeat(2000);
for (const format of ['deflate', 'deflate-raw', 'gzip', 'brotli', 'zstd']) {
    const packed = await through(text, new CompressionStream(format));
    const unpacked = await through(packed, new DecompressionStream(format));
    console.log(format, packed.length < text.length / 50, new TextDecoder().decode(unpacked) === text);
    for (const damaged of [packed.subarray(0, packed.length - 1), new Uint8Array([...packed, 0]), new Uint8Array(0), new TextEncoder().encode('this is something else altogether')]) {
        await through(damaged, new DecompressionStream(format)).then(() => console.log('no error'), error => console.log(error.name, error.message));
    }
    const empty = await through('', new CompressionStream(format));
    console.log(empty.length > 0, (await through(empty, new DecompressionStream(format))).length);
}
try { new CompressionStream('br'); } catch (error) { console.log(error.message); }
