# shellcheck shell=bash
# A certificate authority, certificates (ECDSA P-256) and kubeconfigs.  Sourced by up.

EC=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
DAYS=3650

certificate() { # FILE SUBJECT USAGE [ALTERNATIVE_NAMES]
  local f=$PKI/$1
  openssl req -new "${EC[@]}" -subj "$2" -keyout "$f.key" -out "$f.csr"
  {
    echo "extendedKeyUsage=$3"
    echo keyUsage=digitalSignature
    [ -z "${4:-}" ] || echo "subjectAltName=$4"
  } >"$f.ext"
  openssl x509 -req -in "$f.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -days $DAYS \
    -set_serial "0x$(openssl rand -hex 8)" -extfile "$f.ext" -out "$f.crt"
}

kubeconfig() { # FILE
  cat >"$PKI/$1.kubeconfig" <<EOF
apiVersion: v1
kind: Config
clusters:
- name: $NAME
  cluster: {server: "https://$API_IP:6443", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")}
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$PKI/$1.crt")
    client-key-data: $(base64 -w0 "$PKI/$1.key")
contexts:
- name: $NAME
  context: {cluster: $NAME, user: $1}
current-context: $NAME
EOF
}

client() { # FILE SUBJECT: a certificate and a kubeconfig
  certificate "$1" "$2" clientAuth
  kubeconfig "$1"
}

node_certificate() { # NODE: the kubelet is a client of the API server and a server to it
  certificate "kubelet$1" "/O=system:nodes/CN=system:node:node$1" clientAuth,serverAuth \
    "DNS:node$1,IP:$(node_ip "$1")"
  kubeconfig "kubelet$1"
}

make_certificates() { # NODES
  local i service=kubernetes.default.svc
  openssl req -x509 "${EC[@]}" -days $DAYS -subj /CN=test-cluster -keyout "$PKI/ca.key" -out "$PKI/ca.crt"
  openssl genrsa -out "$PKI/sa.key" 2048
  openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub"
  certificate apiserver /CN=kube-apiserver serverAuth \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:$service,DNS:$service.$DOMAIN,IP:127.0.0.1,IP:$API_IP,IP:$SERVICE_IP"
  certificate kubelet-client /O=system:masters/CN=apiserver-kubelet-client clientAuth
  certificate front-proxy /CN=front-proxy clientAuth
  client admin /O=system:masters/CN=admin
  client kcm /CN=system:kube-controller-manager
  client scheduler /CN=system:kube-scheduler
  client proxy /CN=system:kube-proxy
  client coredns /CN=system:coredns
  client local-path /CN=system:local-path
  for ((i = 1; i <= $1; i++)); do node_certificate "$i"; done
  cp "$PKI/admin.kubeconfig" "$W/kubeconfig"
}
