// Answers WebSockets: one end of a pair goes to the client, the worker keeps the other. The instance lives as long as the connection.
//   mayfly serve examples/websocket.js    then, in a browser's console: s = new WebSocket('ws://127.0.0.1:8080'); s.onmessage = console.log
export default {
  fetch(request) {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('This wants a WebSocket\n', { status: 426 });
    const { 0: client, 1: server } = new WebSocketPair();
    let count = 0;
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(`${++count}: ${data}`));
    return new Response(null, { status: 101, webSocket: client });
  },
};
