"use strict";

const nonce = document.querySelector("script[nonce]").nonce;
Redoc.init("/openapi.json", { nonce, hideDownloadButton: false, jsonSampleExpandLevel: 4, nativeScrollbars: true }, document.getElementById("redoc"));
