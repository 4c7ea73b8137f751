# Two targets: `gateway` (the last, and so the default) is Portcullis alone; `demo` adds the demo's authorization server and API.
FROM node:24-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS production
RUN npm ci --omit=dev --ignore-scripts

FROM base AS everything
RUN npm ci --ignore-scripts

FROM openpolicyagent/opa:1.22.0-static AS opa

FROM node:24-slim AS demo
WORKDIR /app
COPY --from=everything /app/node_modules node_modules
COPY package.json tsconfig.json ./
COPY src src
COPY policies policies
COPY demo demo
# The signing key of the demo is made into this folder, which compose shares with the gateway.
RUN mkdir demo/keys && chown node:node demo/keys
USER node
ENTRYPOINT ["node", "demo/run.ts"]

FROM node:24-slim AS gateway
WORKDIR /app
ENV NODE_ENV=production
# Mounted policies that are newer than their bundle are compiled at start.
COPY --from=opa /opa /usr/local/bin/opa
COPY --from=production /app/node_modules node_modules
COPY package.json LICENSE portcullis.yaml portcullis.schema.json ./
COPY src src
COPY policies policies
USER node
EXPOSE 8080 9091
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9091/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve", "portcullis.yaml"]
