import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A handshake as a Java program makes it by default: Shake ADDRESS PORT NAME. Status 0 if the peer is trusted. */
public class Shake {
  public static void main(String[] words) throws Exception {
    int port = Integer.parseInt(words[1]);
    Socket plain = new Socket();
    plain.connect(new InetSocketAddress(words[0], port), 4000);
    plain.setSoTimeout(4000);
    SSLSocket socket = (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, words[2], port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (!words[2].equals(words[0])) parameters.setServerNames(java.util.List.of(new SNIHostName(words[2])));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    socket.close();
  }
}
