// Asks for a page: get-go URL [refuse | --cacert FILE]. The first: a check of its own that accepts nobody; the second: its own anchors.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
)

func main() {
	client := http.DefaultClient
	if len(os.Args) > 3 {
		bundle, err := os.ReadFile(os.Args[3])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		anchors := x509.NewCertPool()
		anchors.AppendCertsFromPEM(bundle)
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: anchors}}}
	} else if len(os.Args) > 2 {
		refuse := func(tls.ConnectionState) error { return errors.New("not the key that we know") }
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{VerifyConnection: refuse}}}
	}
	answer, err := client.Get(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer.Status)
}
