// lodash asks for the time while it is loaded, which a worker's top level may not do in Mayfly: the time would be frozen into its image.
globalThis.realNow = Date.now;
Date.now = () => 0;
