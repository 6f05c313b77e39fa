# A small image that serves the bundled models and keeps deployed ones in a volume:
#
#     docker build -t augur .
#     docker run -p 8080:8080 -v augur:/var/lib/augur augur --admin-token SECRET
#
# Requests that come through a bridge are not from the loopback address, so deploying needs the token.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends pkg-config libopenblas-serial-dev libturbojpeg0-dev libspng-dev \
        libxml2-dev libsimdjson-dev libssl-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift openapi.yaml ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY Fuzz Fuzz
RUN swift build -c release --product augur --static-swift-stdlib \
    && strip -o /augur "$(swift build -c release --show-bin-path)/augur"

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libopenblas0-serial libturbojpeg0 libspng0 libxml2 libsimdjson14 \
        libssl3 zlib1g libstdc++6 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    # No --create-home: a folder with a shell's files in it is not taken for a data folder.
    && useradd --uid 10001 --no-create-home --home-dir /var/lib/augur --shell /usr/sbin/nologin augur \
    && install -d -o augur -g augur /var/lib/augur
COPY --from=build /augur /usr/local/bin/augur
COPY models /opt/augur/models
USER augur
VOLUME /var/lib/augur
EXPOSE 8080
# Bash opens the socket itself: no curl in the image.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["augur", "serve", "--host", "0.0.0.0", "--port", "8080", "--models", "/opt/augur/models", \
    "--data", "/var/lib/augur"]
